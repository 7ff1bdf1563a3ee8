"""The leaderboard for programs, as JSON.

``docs/results.md`` says what every field means; ``docs/leaderboard.schema.json`` is the JSON's
schema. Both are written from the records here.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import Field

from probe.board.entries import DIGITS, Entry, Estimate
from probe.board.order import CEILING, Board, difference, not_comparable, out_of_order
from probe.board.published import Figures
from probe.records.record import Record
from probe.stats import Ranks

FORMAT = 2
"""Version of leaderboard.json."""


class Places(Record):
    """The places a model may hold; several where no test tells it from others."""

    best: int = Field(ge=1, description="1 is the first")
    worst: int = Field(ge=1, description="as `best` where there is no doubt")


class Row(Entry):
    """A complete run."""

    ranked: bool = Field(description="whether it takes part in the ranking")
    ranks: Places | None = Field(description="None where it is not ranked")
    against_ceiling: Estimate | None = Field(
        description="how much better than the hand-written programs, paired; None: no such run"
    )


class Table(Record):
    """One version of one tier."""

    tier: str = Field(description="its name")
    digest: str = Field(description="SHA-256 over what is asked and how it is measured")
    controls_out_of_order: tuple[str, ...] = Field(description="why not to believe any of it")
    not_comparable: tuple[str, ...] = Field(description="what must not be compared, and why")
    smallest_difference: float | None = Field(
        description="true difference that two of the models show four times of five"
    )
    runs: tuple[Row, ...] = Field(description="complete ones, best first")
    incomplete: tuple[Entry, ...] = Field(description="runs that lack attempts or scores")


class Leaderboard(Record):
    """The whole file."""

    format: int = Field(description="version of this form")
    tiers: tuple[Table, ...] = Field(description="one for each version of each tier")
    published: tuple[Figures, ...] = Field(description="what others reported")


# --- JSON ----------------------------------------------------------------------------------------


def as_json(boards: Sequence[Board], tables: Sequence[Figures] = ()) -> str:
    """Everything the Markdown says and more, as a `Leaderboard`."""
    whole = {
        "format": FORMAT,
        "tiers": [
            {
                "tier": board.tier,
                "digest": board.digest,
                "controls_out_of_order": out_of_order(board),
                "not_comparable": not_comparable(board, boards),
                "smallest_difference": smallest_difference(board),
                "runs": [_row(board, entry) for entry in board.entries],
                "incomplete": [entry.model_dump() for entry in board.incomplete],
            }
            for board in boards
        ],
        "published": [table.model_dump() for table in tables],
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _row(board: Board, entry: Entry) -> dict[str, Any]:
    against, ranks = against_ceiling(board, entry), _ranks(board, entry)
    return entry.model_dump() | {
        "ranked": ranks is not None,
        "ranks": None if ranks is None else {"best": ranks.best, "worst": ranks.worst},
        "against_ceiling": None if against is None else against.model_dump(),
    }


def _ranks(board: Board, entry: Entry) -> Ranks | None:
    if entry not in board.models:
        return None
    return board.ranking.ranks[board.models.index(entry)]


def smallest_difference(board: Board) -> float | None:
    """What the prompts can show between two of the models; None for fewer than two."""
    found = board.ranking.smallest_difference if board.models else None
    return None if found is None else round(found, DIGITS)


def against_ceiling(board: Board, entry: Entry) -> Estimate | None:
    """How much better a run is than the hand-written programs, on the prompts they share."""
    ceiling = next((e for e in board.controls if e.model == CEILING), None)
    return None if ceiling is None or ceiling is entry else difference(entry, ceiling)
