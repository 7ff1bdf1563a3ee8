"""Real replies of a language model, through replay and the real sandbox."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from probe.records.run_folder import RunFolder
from probe.run import Options, execute, prepare
from probe.tier.choice import Choice

REPLIES = Path(__file__).parents[3] / "shared" / "completions" / "replies.jsonl"

TIER = """
name = "replies"
version = "1.0.0"
title = "Recorded replies"
sample_rate = 44100
duration_s = 5.0
languages = ["python"]
metrics = ["note_f1"]
primary_metric = "note_f1"
truth = "notes"
[groups]
notes = "notes"
sounds = "sounds"
speech = "speech"
[limits]
length_tolerance_s = 60.0
"""


def write_tier(folder: Path) -> None:
    """A tier that asks what was asked when the replies were recorded; its truth is no matter."""
    rows = [json.loads(line) for line in REPLIES.read_text().splitlines()]
    prompts = [
        {
            "id": row["id"],
            "group": row["tier"],
            "level": 1,
            "text": row["prompt"],
            "truth": {"notes": [{"midi": 69, "onset_s": 0.0, "offset_s": 1.0}]},
        }
        for row in rows
    ]
    folder.mkdir()
    (folder / "tier.toml").write_text(TIER)
    (folder / "prompt.md").write_text("$text")
    (folder / "prompts.jsonl").write_text("\n".join(map(json.dumps, prompts)))


@pytest.mark.docker
@pytest.mark.timeout(600)
def test_every_recorded_reply_renders(tmp_path: Path) -> None:
    if not REPLIES.exists():
        pytest.skip("the folder of recorded replies is not beside the checkout")
    write_tier(tmp_path / "tier")
    results = tmp_path / "results"
    plan = prepare(Options(str(tmp_path / "tier"), f"replay/{REPLIES}", results))
    entry = execute(plan)
    assert (entry.model, entry.prompts) == ("replay/replies", 36)
    assert entry.outcomes == {"ok": 36}
    assert str(REPLIES.parent) not in (plan.folder / "run.json").read_text(), "no path is recorded"

    own_log = plan.folder / "completions.jsonl"
    again = prepare(
        Options(str(tmp_path / "tier"), f"replay/{own_log}", results, choice=Choice(limit=4))
    )
    entry = execute(again)
    assert (entry.model, entry.outcomes) == ("replay/replay--replies", {"ok": 4})
    first = RunFolder(plan.folder).latest_renderings
    second = RunFolder(again.folder).latest_renderings
    assert all(second[a].program_sha256 == first[a].program_sha256 for a in second)
