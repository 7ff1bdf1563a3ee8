"""What the command line says of itself, to people and to programs."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer

import probe as package
from probe.cli.app import app
from probe.cli.help import COMMANDS, RUN_OPTIONS
from probe.records.run_folder import RunFolder
from tests.fakes.command import probe

ROOT = typer.main.get_command(app)


def test_every_command_stands_under_a_heading_in_the_order_of_use() -> None:
    listed = [name for names in COMMANDS.values() for name in names]
    assert set(ROOT.commands) <= set(listed)
    said = probe("--help").out
    assert "Others:" not in said
    shown = re.findall(r"^  ([a-z]+)  ", said.partition("To begin:")[2], re.M)
    assert shown == [name for name in listed if name in ROOT.commands]


def test_every_option_of_run_stands_under_a_heading() -> None:
    listed = {name for names in RUN_OPTIONS.values() for name in names} | {"--help", "-h"}
    there = {parameter.opts[0] for parameter in ROOT.commands["run"].params}
    assert there <= listed
    said = probe("run", "--help").out
    for heading in RUN_OPTIONS:
        assert f"\n{heading}:\n" in said
    for example in ("--limit 6 --dry-run\n", "      --base-url http://localhost"):
        assert example in said


@pytest.mark.parametrize("command", [(), ("run",), ("tiers",), ("tiers", "show"), ("sandbox",)])
def test_h_is_help_everywhere(command: tuple[str, ...]) -> None:
    short, long = probe(*command, "-h"), probe(*command, "--help")
    assert short == long
    assert short.code == 0
    assert "Usage: " in short.out


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell: str) -> None:
    done = probe("--show-completion", shell)
    assert done.code == 0, done.err
    assert "_PROBE_COMPLETE" in done.out


def test_words_are_completed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_PROBE_COMPLETE", "complete_bash")
    for words, said in (("probe lea", "leaderboard"), ("probe run --max", "--max-cost")):
        monkeypatch.setenv("COMP_WORDS", words)
        monkeypatch.setenv("COMP_CWORD", str(words.count(" ")))
        assert probe().out.split() == [said]


def test_the_package_says_its_version_and_what_it_has() -> None:
    assert probe("--version").out.strip() == package.__version__
    assert {"__version__", "clap", "fad", "load"} <= set(dir(package))


def test_what_is_said_is_data_with_json(tmp_path: Path) -> None:
    found = json.loads(probe("doctor", "--json").out)
    assert {each["what"] for each in found} >= {"docker", "weights", "disk", "OPENAI_API_KEY"}
    assert {each["state"] for each in found} <= {"ok", "missing", "note"}
    weights = json.loads(probe("weights", "list", "--json").out)
    assert {each["name"] for each in weights} >= {"vggish"}
    assert {each["state"] for each in weights} <= {"absent", "present", "unrecorded", "changed"}

    ran = probe(
        *("run", "--tier", "notes", "--model", "builtin/silence", "--limit", 1, "--json"),
        *("--results", tmp_path),
    )
    summary = json.loads(ran.out)
    assert (summary["missing"], summary["cost"]) == (0, None)
    board = probe("leaderboard", "--results", tmp_path, "--json")
    assert board.out == (tmp_path / "leaderboard.json").read_text(encoding="utf-8")
    assert json.loads(board.out)["tiers"][0]["tier"] == "notes"
    (prompt,) = RunFolder(Path(summary["run_dir"])).run.spec.prompts
    shown = json.loads(probe("show", summary["run_dir"], prompt, "--json").out)
    assert shown["rendering"]["outcome"] == "ok"
    assert shown["asked"]["id"] == prompt
