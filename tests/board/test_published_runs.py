"""What is committed under results/ is what its logs say, and the measurement can be believed."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from probe.board.leaderboard import stale
from probe.board.order import out_of_order, read
from probe.records import Outcome
from probe.records.run_folder import RunFolder, find_runs
from probe.tier.folder import load, names

RESULTS = Path(__file__).parents[2] / "results"
RUNS = list(find_runs(RESULTS))


def test_the_board_is_what_the_logs_say() -> None:
    assert stale(RESULTS) == []


@pytest.mark.parametrize("tier", names())
def test_controls_are_in_order_and_every_program_renders(tier: str) -> None:
    (board,) = (board for board in read(RESULTS) if board.tier == tier)
    loaded = load(tier)
    assert board.digest == loaded.tier.digest
    assert out_of_order(board) == []
    by_model = {entry.model: entry for entry in board.controls}
    programs = list((loaded.folder / "programs").glob("*.py"))
    assert by_model["builtin/programs"].outcomes == {"ok": len(programs)}
    assert {"builtin/noise", "builtin/silence"} <= set(by_model)
    assert board.incomplete == ()


@pytest.mark.parametrize("folder", RUNS, ids=lambda folder: folder.name)
def test_programs_beside_the_logs_are_those_that_ran(folder: Path) -> None:
    run = RunFolder(folder)
    for attempt, row in run.latest_renderings.items():
        assert row.outcome is Outcome.OK
        if row.program_sha256 is not None:
            program = run.program_path(attempt).read_bytes()
            assert hashlib.sha256(program).hexdigest() == row.program_sha256
