"""The workflows under .github: they parse, and every command in them exists with its options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from probe.cli.app import app
from probe.tier.folder import names

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def jobs(path: Path) -> dict[str, Any]:
    found = yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"]
    assert isinstance(found, dict)
    return found


def commands(path: Path) -> list[list[str]]:
    """Every simple command of every step."""
    scripts = [step["run"] for job in jobs(path).values() for step in job["steps"] if "run" in step]
    lines = "\n".join(scripts).replace("\\\n", " ").splitlines()
    plain = [re.sub(r"\$\{\{.*?\}\}", "VALUE", line) for line in lines]
    parts = (part for line in plain for part in re.split(r"\|\||&&", line))
    return [words for part in parts if (words := shlex.split(part))]


def test_there_is_one_for_tests_and_one_for_the_site() -> None:
    assert [path.name for path in WORKFLOWS] == ["ci.yml", "site.yml"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_step_is_whole(path: Path) -> None:
    for name, job in jobs(path).items():
        assert job["runs-on"], name
        for step in job["steps"]:
            assert ("run" in step) != ("uses" in step), step
            assert "@" in step.get("uses", "@"), "an action has a version"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_command_of_ours_exists_with_its_options(path: Path) -> None:
    ours = [words for words in commands(path) if words[0].endswith("/probe")]
    assert ours
    for _, *words in ours:
        command: Any = typer.main.get_command(app)
        while hasattr(command, "commands"):
            assert words[0] in command.commands, words
            command = command.commands[words.pop(0)]
        command.make_context("probe", words)  # an option that does not exist is an error


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_every_target_of_make_exists(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    makefile = makefile.replace("$(SET_UP)", ".venv/.set-up")
    for words in commands(path):
        if words[0] == "make":
            assert re.search(rf"^{re.escape(words[1])}:", makefile, re.MULTILINE), words


def test_ci_does_what_it_is_for() -> None:
    said = {" ".join(words[1:3]) for words in commands(WORKFLOWS[0])}
    for wanted in ("sandbox verify", "test", "leaderboard --results", "ci --baseline"):
        assert wanted in said
    assert jobs(WORKFLOWS[0])["gate"]["strategy"]["matrix"]["tier"] == names()
