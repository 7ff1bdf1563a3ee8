"""Figures of others: read, shown apart, and never ranked against ours."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from probe.board.leaderboard import write
from probe.board.published import markdown, read
from probe.errors import UsageError
from probe.records.run_folder import find_runs

RESULTS = Path(__file__).parents[2] / "results"

TABLE = """\
title = "A | table"
source = "arXiv 1"
dataset = "AudioCaps test"
n = "886"
checkpoint = "CLAP"
why = "other prompts"

[metrics]
FAD = "lower"
CLAP = "higher"

[[system]]
name = "one"
values = [2.5, 0.48]

[[system]]
name = "two"
values = [12.75, "–"]
"""


def folder(tmp_path: Path, text: str = TABLE) -> Path:
    (tmp_path / "published").mkdir()
    (tmp_path / "published" / "a.toml").write_text(text)
    return tmp_path


def test_a_table_stands_after_ours_with_the_reason(tmp_path: Path) -> None:
    results = folder(tmp_path)
    write(results)
    text = (results / "LEADERBOARD.md").read_text()
    assert text.index("No run yet") < text.index("## Published elsewhere")
    assert "**Not comparable with the tables above" in text
    assert (
        "### A ¦ table\n\narXiv 1; AudioCaps test; n 886; CLAP. Not comparable with ours: other"
        in text
    )
    assert text.endswith(
        "| system | FAD ↓ | CLAP ↑ |\n| --- | --- | --- |\n"
        "| one | 2.50 | 0.48 |\n| two | 12.75 | – |\n"
    )
    (table,) = json.loads((results / "leaderboard.json").read_text())["published"]
    assert table["system"][1] == {"name": "two", "values": [12.75, "–"]}


def test_without_figures_nothing_is_said(tmp_path: Path) -> None:
    assert read(tmp_path) == []
    assert markdown([]) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("values = [2.5, 0.48]", "values = [2.5]", "'one' has 1 values for 2 metrics"),
        ('name = "two"', 'name = "one"', "a system is listed twice"),
        ('"–"]', '"n/s"]', "system.1.values.1"),
        ('"–"]', "nan]", "system.1.values.1"),
        ('why = "other prompts"\n', "", "why: Field required"),
        ('n = "886"', 'n = "886"\nclips = 3', "clips: Extra inputs are not permitted"),
        ('FAD = "lower"', 'FAD = "less"', "metrics.FAD"),
        ("title =", "title", "line 1"),
    ],
)
def test_what_makes_no_sense_is_said(old: str, new: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"a\.toml") as caught:
        read(folder(tmp_path, TABLE.replace(old, new)))
    assert complaint in str(caught.value)


def test_the_figures_that_come_with_the_results_can_be_read() -> None:
    tables = read(RESULTS)
    by_title = {table.title: table for table in tables}
    tango = by_title["Tango 2"]
    assert dict(zip(tango.metrics, tango.system[-1].values, strict=True))["CLAP"] == 0.57
    assert {"886", "882"} <= {table.n for table in tables}
    assert "| TangoFlux | 75.1 | 1.15 | 0.480 | 12.2 |" in "\n".join(markdown(tables))


def test_they_are_taken_for_no_tier() -> None:
    assert "published" not in {path.parent.name for path in find_runs(RESULTS)}
