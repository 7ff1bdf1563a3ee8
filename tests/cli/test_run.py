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

    other = probe(*run_it[:-3], "--limit", "2", "--results", str(tmp_path))
    assert "prompts" in refused(other, 2)
    fresh = probe(*run_it[:-3], "--limit", "2", "--fresh", "--json", "--results", str(tmp_path))
    assert json.loads(fresh.stdout)["prompts"] == 2


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
