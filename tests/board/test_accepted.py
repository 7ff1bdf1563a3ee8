"""A run that is closed with attempts missing: shown with the reason, not ranked, not compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from probe.board import comparison, gate, order
from probe.board.entries import summarize
from probe.board.leaderboard import markdown
from probe.errors import UsageError
from probe.records import Accepted, Outcome
from probe.records.index import RunIndex
from probe.records.run_folder import find_run
from probe.records.store import Store
from probe.tier.folder import load
from tests.fakes.runs import completion, rendering, run, score

TIER = load("notes")
IDS = [p.id for p in TIER.prompts[:4]]
WHY = "HTTP 400`|<b>: context_length_exceeded"


def write(results: Path, model: str, answered: int, accepted: int | None = None) -> Path:
    """A run of four prompts, so many of them answered."""
    folder = results / "notes" / model.replace("/", "--")
    fields = {
        "tier_digest": TIER.tier.digest,
        "model": model,
        "metrics": ("note_score",),
        "primary_metric": "note_score",
        "prompts": {i: {"group": "single", "level": 1} for i in IDS},
    }
    with Store.open(folder, run(**fields)) as store:
        for prompt in IDS[:answered]:
            store.add_completion(completion(prompt))
            store.add_rendering(rendering(prompt), sample_rate=44100)
            store.add_score(score(prompt, metric="note_score"))
        for prompt in IDS[answered:]:
            store.add_completion(
                completion(prompt, outcome=Outcome.PROVIDER_ERROR, text="", error=WHY)
            )
        if accepted is not None:
            store.set_accepted(
                Accepted(date="2026-01-02", missing=accepted, reasons={"HTTP 400`|<b>": accepted})
            )
    return folder


def test_it_is_on_the_board_with_the_reason_and_without_a_rank(tmp_path: Path) -> None:
    write(tmp_path, "lab/whole", 4)
    write(tmp_path, "lab/closed", 3, accepted=1)
    write(tmp_path, "lab/open", 3)
    (board,) = order.read(tmp_path)
    assert [e.model for e in board.models] == ["lab/whole"]
    assert [e.model for e in board.unranked] == ["lab/closed"]
    assert [e.model for e in board.incomplete] == ["lab/open"]
    page = markdown([board])
    assert "`lab/closed` lacks 1 attempts, accepted as missing (1 × `HTTP 400'¦<b>`)." in page


@pytest.mark.parametrize(("answered", "accepted"), [(2, 1), (0, 4)])
def test_more_that_is_missing_or_nothing_measured_makes_it_void(
    answered: int, accepted: int, tmp_path: Path
) -> None:
    entry = summarize(RunIndex(write(tmp_path, "lab/closed", answered, accepted)))
    assert entry.accepted is None
    assert not entry.closed


def test_what_is_filled_later_makes_it_whole(tmp_path: Path) -> None:
    entry = summarize(RunIndex(write(tmp_path, "lab/closed", 4, accepted=1)))
    assert entry.complete
    assert entry.accepted is None


def test_compare_and_ci_say_why_not(tmp_path: Path) -> None:
    write(tmp_path, "lab/whole", 4)
    write(tmp_path, "lab/closed", 3, accepted=1)
    words = "lab/closed lacks 1 attempts, accepted as missing .*shown, not compared"
    with pytest.raises(UsageError, match=words):
        comparison.compare(["lab/whole", "lab/closed"], "notes", tmp_path)
    both = [find_run(f"notes/lab/{name}", tmp_path) for name in ("whole", "closed")]
    with pytest.raises(UsageError, match=words):
        gate.judge(*both)


def test_a_fresh_run_forgets_it(tmp_path: Path) -> None:
    folder = write(tmp_path, "lab/closed", 3, accepted=1)
    with Store.open(folder, run(), fresh=True):
        assert not (folder / "accepted.json").exists()
