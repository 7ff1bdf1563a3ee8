"""The command line as a person meets it: whole processes, exit codes, one line per error."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from probe.records.run_folder import find_runs

PROBE = [sys.executable, "-m", "probe"]
NO_KEYS = {k: v for k, v in os.environ.items() if not k.startswith(("OPENAI_", "ANTHROPIC_"))}


def probe(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROBE, *arguments], capture_output=True, text=True, env=NO_KEYS | environment
    )


def refused(done: subprocess.CompletedProcess[str], code: int) -> str:
    """The one line of an error; no traceback, nothing on standard output."""
    assert done.returncode == code, done.stderr
    assert done.stdout == ""
    assert done.stderr.startswith("probe: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_help_loads_nothing_heavy() -> None:
    code = (
        "import sys, contextlib, io\n"
        "sys.argv = ['probe', '--help']\n"
        "from probe.cli.app import main\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit): main()\n"
        "heavy = {'numpy', 'scipy', 'torch', 'librosa', 'soundfile', 'docker', 'openai',"
        " 'anthropic', 'pydantic'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_help_names_every_command() -> None:
    done = probe("--help")
    assert done.returncode == 0
    for command in ("run", "leaderboard", "doctor", "sandbox"):
        assert command in done.stdout


def test_version() -> None:
    done = probe("--version")
    assert done.returncode == 0
    assert done.stdout.strip().count(".") == 2


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--tier", "nots", "--model", "builtin/noise"), "did you mean 'notes'"),
        (("--tier", "notes", "--model", "opanai/gpt-4o"), "did you mean 'openai/gpt-4o'"),
        (("--tier", "notes", "--model", "builtin/nois"), "did you mean 'builtin/noise'"),
        (("--tier", "notes", "--model", "replay/nothing.jsonl"), "nothing.jsonl"),
        (
            ("--tier", "notes", "--model", "builtin/noise", "--references", "nowhere"),
            "nowhere",
        ),
    ],
)
def test_wrong_use_is_one_line_and_two(arguments: tuple[str, ...], message: str) -> None:
    assert message in refused(probe("run", *arguments), 2)


@pytest.mark.parametrize("arguments", [("run",), ("run", "--tier", "notes"), ("rnu",)])
def test_options_that_are_missing_or_unknown_are_two(arguments: tuple[str, ...]) -> None:
    done = probe(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("model", "variable"),
    [("openai/gpt-4o", "OPENAI_API_KEY"), ("anthropic/claude-sonnet-4-5", "ANTHROPIC_API_KEY")],
)
def test_no_key_is_said_before_anything_runs(tmp_path: Path, model: str, variable: str) -> None:
    results = tmp_path / "results"
    done = probe("run", "--tier", "notes", "--model", model, "--results", str(results))
    assert variable in refused(done, 3)
    assert not results.exists()


def test_no_engine_is_said_before_anything_runs(tmp_path: Path) -> None:
    results = tmp_path / "results"
    done = probe(
        *("run", "--tier", "notes", "--model", "builtin/programs", "--results", str(results)),
        DOCKER_HOST=f"unix://{tmp_path}/no.sock",
    )
    assert "Docker" in refused(done, 3)
    assert not results.exists()


def test_doctor_says_what_is_missing_and_never_shows_a_key(tmp_path: Path) -> None:
    done = probe("doctor", DOCKER_HOST=f"unix://{tmp_path}/no.sock", OPENAI_API_KEY="sk-hush")
    assert done.returncode == 3
    assert done.stdout.split()[:2] == ["missing", "docker"]
    for what in ("weights", "gpu", "disk", "OPENAI_API_KEY", "ANTHROPIC_API_KEY"):
        assert what in done.stdout
    assert "sk-hush" not in done.stdout + done.stderr


def test_a_run_of_a_control_and_its_json(tmp_path: Path) -> None:
    run_it = ("run", "--tier", "notes", "--model", "builtin/noise", "--limit", "3", "--json")
    done = probe(*run_it, "--results", str(tmp_path))
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary["tier"] == "notes"
    assert summary["model"] == "builtin/noise"
    assert (summary["prompts"], summary["samples"], summary["complete"]) == (3, 1, True)
    assert summary["outcomes"] == {"ok": 3}
    assert set(summary["scores"]["note_f1"]) == {"value", "low", "high", "n"}
    assert summary["run_dir"] == str(tmp_path / "notes" / "builtin--noise")
    assert "render" in done.stderr
    assert "3/3" in done.stderr

    again = probe(*run_it, "--results", str(tmp_path))
    assert json.loads(again.stdout) == summary
    assert "render" not in again.stderr, "nothing is done twice"


def test_a_smoke_test_grows_into_the_run(tmp_path: Path) -> None:
    where = ("--results", str(tmp_path), "--json")
    noise = ("run", "--tier", "notes", "--model", "builtin/noise", *where)
    for words, prompts, samples, rendered in (
        (("--limit", "2"), 2, 1, 2),
        (("--limit", "3"), 3, 1, 1),
        (("--limit", "3", "--samples", "2"), 3, 2, 3),
        (("--prompt", "101-a4-sine"), 3, 2, 0),
        (("--prompt", "120-seventh-harmonic"), 4, 2, 1),
    ):
        done = probe(*noise, *words)
        found = json.loads(done.stdout)
        assert (found["prompts"], found["samples"]) == (prompts, samples), words
        assert (f"render    {rendered}/{rendered}" in done.stderr) == bool(rendered), words
    assert "keeps all of its 8 attempts; 1 of them are asked for now" in done.stderr

    fresh = probe(*noise, "--limit", "2", "--fresh")
    assert json.loads(fresh.stdout)["prompts"] == 2
    old = tmp_path / "notes" / ".old" / "builtin--noise"
    assert f"the run that was here lies in {old} now\n" in fresh.stderr
    assert (old / "scores.jsonl").exists()
    assert list(find_runs(tmp_path)) == [tmp_path / "notes" / "builtin--noise"]


def replies(path: Path, text: str) -> str:
    """A file of recorded replies, as `--model` names it."""
    path.write_text(json.dumps({"prompt": "101-a4-sine", "text": text}) + "\n")
    return f"replay/{path}"


@pytest.mark.docker
def test_another_run_is_refused_in_words_with_both_ways_on(tmp_path: Path) -> None:
    path = tmp_path / "replies.jsonl"
    words = ("run", "--tier", "notes", "--prompt", "101-a4-sine", "--name", "通义")
    words += ("--results", str(tmp_path / "r"))
    assert probe(*words, "--model", replies(path, "one")).returncode == 0
    said = refused(probe(*words, "--model", replies(path, "two")), 2)
    folder = tmp_path / "r" / "notes" / "%E9%80%9A%E4%B9%89"
    old = folder.parent / ".old"
    assert said == (
        f"probe: {folder} holds another run (its replies or programs have changed since);"
        " to go on with that one: probe run --tier notes --model replay/FILE --name '通义'"
        f" --results {tmp_path / 'r'}; to begin anew: the same command with"
        f" --fresh, which keeps that run in {old}; to keep both: another --name\n"
    )
    other = probe(*words[:-3], "文心", *words[-2:], "--model", f"replay/{path}")
    assert other.returncode == 0, other.stderr
    assert len(list((tmp_path / "r" / "notes").iterdir())) == 2


def test_several_models_and_tiers_are_a_run_each(tmp_path: Path) -> None:
    file = tmp_path / "run.toml"
    file.write_text(
        f"""
        tier = ["notes", "speech"]
        model = ["builtin/noise", "builtin/silence"]
        limit = 1
        json = true
        results = {str(tmp_path)!r}
        max-cost = 5
        """
    )
    assert "no price is listed" in refused(probe("run", "--config", str(file)), 2)
    file.write_text(file.read_text().replace("max-cost = 5", ""))
    done = probe("run", "--config", str(file))
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["tier"], one["model"]) for one in found] == [
        (tier, model)
        for tier in ("notes", "speech")
        for model in ("builtin/noise", "builtin/silence")
    ]
    run = json.loads((tmp_path / "speech" / "builtin--noise" / "run.json").read_text())
    assert run["options"] == {"limit": 1}
    again = probe("run", "--config", str(file), "--limit", "3", "--tier", "notes", "--dry-run")
    assert [json.loads(line)["dry_run"]["renderings"] for line in again.stdout.splitlines()] == [
        2,
        2,
    ]


def test_one_run_that_cannot_begin_does_not_stop_the_others(tmp_path: Path) -> None:
    (tmp_path / "notes" / "builtin--noise").mkdir(parents=True)
    (tmp_path / "notes" / "builtin--noise" / "run.json").write_text("{")
    done = probe(
        *("run", "--tier", "notes", "--model", "builtin/noise", "--model", "builtin/silence"),
        *("--limit", "1", "--results", str(tmp_path), "--json"),
    )
    assert done.returncode == 1
    assert "probe: builtin/noise on notes: " in done.stderr
    assert json.loads(done.stdout)["model"] == "builtin/silence"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("limt = 3", "unknown key 'limt'; did you mean 'limit'?"),
        ("limit = [3]", "limit is one value, not a list"),
        ("limit = true", "limit is a text or a number"),
        ("fresh = 1", "fresh is true or false"),
        ("model = [[]]", "model is a list of texts or numbers"),
        ("tier =", "Invalid value"),
    ],
)
def test_a_config_that_makes_no_sense_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "run.toml"
    file.write_text(text)
    assert f"{file}: {said}" in refused(probe("run", "--config", str(file)), 2)
    assert "No such file" in refused(probe("run", "--config", str(tmp_path / "no.toml")), 2)


def test_runs_are_kept_where_PROBE_RESULTS_says_or_in_runs(tmp_path: Path) -> None:  # noqa: N802
    words = [*PROBE, "run", "--tier", "notes", "--model", "builtin/noise", "--limit", "1"]
    for more in ({}, {"PROBE_RESULTS": "mine"}):
        subprocess.run(words, cwd=tmp_path, env=NO_KEYS | more, check=True, capture_output=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine", "runs"]


def test_a_look_ahead_needs_neither_key_nor_engine_and_asks_nobody(tmp_path: Path) -> None:
    done = probe(
        *("run", "--tier", "all", "--model", "openai/gpt-4o", "--model", "anthropic/claude-x"),
        *("--limit", "2", "--dry-run", "--fresh", "--results", str(tmp_path / "r"), "--json"),
        DOCKER_HOST=f"unix://{tmp_path}/no.sock",
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["dry_run"]["model_calls"] for one in found] == [2] * 6
    assert not (tmp_path / "r").exists()


def test_dry_run_does_nothing_and_says_what_is_left(tmp_path: Path) -> None:
    arguments = ("run", "--tier", "notes", "--model", "builtin/silence", "--limit", "4")
    where = ("--results", str(tmp_path / "results"))
    done = probe(*arguments, *where, "--samples", "2", "--dry-run", "--json")
    assert done.returncode == 0
    assert json.loads(done.stdout)["dry_run"] == {
        "prompts": 4,
        "attempts": 8,
        "model_calls": 0,
        "renderings": 8,
        "scored_attempts": 8,
    }
    assert not (tmp_path / "results").exists()
    assert "8 clips to render" in probe(*arguments, *where, "--samples", "2", "--dry-run").stdout


def test_ctrl_c_ends_with_130_and_the_same_command_goes_on(tmp_path: Path) -> None:
    arguments = ("run", "--tier", "notes", "--model", "builtin/silence", "--limit", "40")
    arguments += ("--results", str(tmp_path))
    log = tmp_path / "notes" / "builtin--silence" / "renderings.jsonl"
    with subprocess.Popen(
        [*PROBE, *arguments],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        deadline = time.monotonic() + 60
        while not log.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.endswith("probe: interrupted; the same command goes on from here\n")
    done = probe(*arguments, "--json")
    assert json.loads(done.stdout)["outcomes"] == {"ok": 40}


def test_leaderboard_is_written_and_checked(tmp_path: Path) -> None:
    assert "no results folder" in refused(probe("leaderboard", "--results", f"{tmp_path}/no"), 1)
    where = ("leaderboard", "--results", str(tmp_path))
    stale = refused(probe(*where, "--check"), 1)
    assert "LEADERBOARD.md" in stale
    assert "leaderboard.json" in stale
    assert probe(*where).returncode == 0
    assert probe(*where, "--check").returncode == 0


def test_a_newer_results_folder_is_refused_and_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "notes" / "builtin--noise"
    folder.mkdir(parents=True)
    (folder / "run.json").write_text('{"schema_version": 99}')
    done = probe(
        *("run", "--tier", "notes", "--model", "builtin/noise", "--fresh"),
        *("--results", str(tmp_path)),
    )
    assert "newer probe" in refused(done, 2)
    assert (folder / "run.json").read_text() == '{"schema_version": 99}'
    assert "newer probe" in refused(probe("leaderboard", "--results", str(tmp_path)), 2)
