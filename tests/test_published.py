"""What is committed under results/ is what its logs say, and the measurement can be believed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from probe.leaderboard import out_of_order, read, stale
from probe.records import Outcome
from probe.store import RunFolder, find_runs
from probe.tiers import load

RESULTS = Path(__file__).parents[1] / "results"
RUNS = list(find_runs(RESULTS))


def test_the_board_is_what_the_logs_say() -> None:
    assert stale(RESULTS) == []


def test_controls_are_in_order_and_every_program_renders() -> None:
    (board,) = read(RESULTS)
    assert board.digest == load("notes").tier.digest
    assert out_of_order(board) == []
    by_model = {entry.model: entry for entry in board.controls}
    assert by_model["builtin/programs"].outcomes == {"ok": 48}
    assert {"builtin/noise", "builtin/silence", "builtin/reference"} <= set(by_model)
    one_voice = [
        by_model["builtin/programs"].groups[group].value
        for group in ("single-pitch", "durations-dynamics", "scales-arpeggios", "melodies")
    ]
    assert min(one_voice) >= 0.95


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_programs_beside_the_logs_are_those_that_ran(folder: Path) -> None:
    run = RunFolder(folder)
    for attempt, row in run.latest_renderings.items():
        assert row.outcome is Outcome.OK
        if row.program_sha256 is not None:
            program = run.program_path(attempt).read_bytes()
            assert hashlib.sha256(program).hexdigest() == row.program_sha256
