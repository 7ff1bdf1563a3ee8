"""What tiers/README.md says holds: its example runs as written, its tables are the records'."""

from __future__ import annotations

import json
import os
import re
import runpy
import subprocess
import sys
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from probe.records.metrics import about
from probe.records.truths import KINDS
from probe.tier.folder import load, names, programs_sha256
from probe.tier.template import PLACEHOLDERS

ROOT = Path(__file__).parents[2]
README = (ROOT / "tiers" / "README.md").read_text(encoding="utf-8")


def blocks() -> dict[str, str]:
    """Fenced blocks by the code in front of which they stand: ``chimes/tier.toml``, ``notes``."""
    found = {}
    tokens = MarkdownIt("commonmark").parse(README)
    for before, token in zip(tokens[1:], tokens[3:], strict=False):
        named = re.match(r"`([^`]+)`", before.content or "")
        if token.type == "fence" and before.type == "inline" and named:
            found[named[1]] = token.content
    return found


def written(folder: Path) -> Path:
    """The example, as a newcomer types it."""
    for name, text in blocks().items():
        if name.startswith("chimes/"):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    return folder / "chimes"


def probe(*arguments: str, cwd: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "probe", *arguments], cwd=cwd, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_example_has_every_file(tmp_path: Path) -> None:
    folder = written(tmp_path)
    files = sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
    assert files == ["programs/single.py", "prompt.md", "prompts.jsonl", "tier.toml"]


def test_the_example_is_valid_but_for_what_is_left_to_the_reader(tmp_path: Path) -> None:
    said = probe("tiers", "validate", str(written(tmp_path)), cwd=tmp_path)
    assert said.splitlines() == [
        "remark: chimes/programs: 1 of 2 prompts have no program (ding-dong)",
        "remark: chimes/README.md is missing: nobody is told what is asked and how",
        "chimes: 2 prompts, nothing wrong",
    ]


@pytest.mark.docker
def test_the_example_runs_in_the_sandbox_and_reaches_the_board(tmp_path: Path) -> None:
    written(tmp_path)
    run = ("run", "--tier", "chimes", "--json", "--model")
    done = json.loads(probe(*run, "builtin/programs", cwd=tmp_path))
    assert done["outcomes"] == {"ok": 1}
    assert done["scores"]["note_score"]["value"] > 0.95
    noise = json.loads(probe(*run, "builtin/noise", cwd=tmp_path))
    assert noise["outcomes"] == {"ok": 2}
    probe("leaderboard", cwd=tmp_path)
    board = (tmp_path / "runs" / "LEADERBOARD.md").read_text(encoding="utf-8")
    assert "## chimes" in board
    assert "measurement is broken" not in board


@pytest.mark.docker
def test_the_example_gets_a_report(tmp_path: Path) -> None:
    folder = written(tmp_path)
    done = probe("tiers", "validity", "chimes", cwd=tmp_path)
    assert done.strip() == "chimes/VALIDITY.md"
    report = (folder / "VALIDITY.md").read_text(encoding="utf-8")
    assert f"`{load(str(folder)).tier.digest}`" in report
    assert f"`{programs_sha256(load(str(folder)))[:12]}`" in report
    assert "**fails**" not in report, "one program is too little to claim anything of"
    assert "There are too few programs to search for one." in report


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_of_a_truth_is_one(kind: str) -> None:
    truth = KINDS[kind].model_validate(json.loads(blocks()[kind]))
    assert truth.kind == kind
    assert truth.misfit(5.0) is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_tier_of_each_kind_can_be_written(kind: str, tmp_path: Path) -> None:
    """The example with another kind of truth, and the primary metric of the tier that has it."""
    model = load(kind).tier
    folder = written(tmp_path)
    toml = (folder / "tier.toml").read_text()
    toml = toml.replace('truth = "notes"', f'truth = "{kind}"')
    toml = re.sub(r"metrics = \[.*\]", f'metrics = ["{model.primary_metric}"]', toml)
    toml = re.sub(r"primary_metric = .*", f'primary_metric = "{model.primary_metric}"', toml)
    (folder / "tier.toml").write_text(toml)
    rows = [json.loads(line) for line in (folder / "prompts.jsonl").read_text().splitlines()]
    rows = [row | {"truth": json.loads(blocks()[kind])} for row in rows]
    (folder / "prompts.jsonl").write_text("\n".join(map(json.dumps, rows)))
    loaded = load(str(folder))
    assert all(about(model.primary_metric).applies_to(prompt) for prompt in loaded.prompts)


def test_the_tables_are_what_the_records_say() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "tier_fields.py"))
    assert made["filled"](README) == README, "run `python docs/tier_fields.py`"


def test_every_placeholder_is_named() -> None:
    for name in PLACEHOLDERS:
        assert f"`${name}`" in README


def test_every_command_it_shows_exists() -> None:
    shown = set(re.findall(r"^probe tiers (\w+)", README, re.MULTILINE))
    help_text = subprocess.run(
        [sys.executable, "-m", "probe", "tiers", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"COLUMNS": "200"},
    ).stdout
    assert shown == {"list", "show", "new", "validate", "generate", "validity"}
    assert all(name in help_text for name in shown)


@pytest.mark.parametrize("name", names())
def test_the_report_of_a_tier_is_in_step_with_it(name: str) -> None:
    """Named in the report are the prompts, programs and metrics that the tier has today."""
    loaded = load(name)
    report = loaded.folder / "VALIDITY.md"
    again = f"run `probe tiers validity {name}` again"
    assert report.is_file(), again
    text = report.read_text(encoding="utf-8")
    assert f"| tier | {loaded.tier.name} {loaded.tier.version} |" in text, again
    assert f"`{loaded.tier.digest}`" in text, again
    assert f"`{programs_sha256(loaded)[:12]}`" in text, again
    there = dict(re.findall(r"`([^`]+)` v([\w.]+)", text))
    own = {m.name: m.version for m in map(about, loaded.tier.metrics)}
    assert there == {metric: own[metric] for metric in there}, again
    left_out = set(own) - set(there)
    assert all(f"`{metric}` (needs " in text for metric in left_out), again
    assert re.search(rf"^\| `{re.escape(loaded.tier.primary_metric)}` \(primary\)", text, re.M)
