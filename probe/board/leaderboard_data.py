"""The leaderboard for programs: JSON, and a table with a row for each value.

``docs/results.md`` says what every field means; ``docs/leaderboard.schema.json`` is the JSON's
schema. Both are written from the records here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import Field

from probe.board.entries import DIGITS, Entry, Estimate, Measured
from probe.board.order import CEILING, Board, difference, not_comparable, out_of_order
from probe.board.published import Figures
from probe.records.metrics import about
from probe.records.record import Record
from probe.stats import Ranks

FORMAT = 2
"""Version of leaderboard.json and of leaderboard.csv."""


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


class Line(Record):
    """One metric of one run."""

    tier: str = Field(description="its name")
    tier_digest: str = Field(description="SHA-256 over what is asked and how it is measured")
    model: str = Field(description="name on the board, with how it was asked")
    model_version: str | None = Field(description="what answered, as the service says")
    kind: str = Field(description="what was probed")
    date: str = Field(description="when it began, UTC")
    complete: bool = Field(description="whether no attempt is missing")
    ranked: bool = Field(description="whether it takes part in the ranking")
    rank_best: int | None = Field(description="the best place it may hold")
    rank_worst: int | None = Field(description="the worst place it may hold")
    prompts: int = Field(description="that were asked")
    samples: int = Field(description="attempts a prompt")
    missing: int = Field(description="attempts still to be made or scored")
    rendered: float = Field(description="share of the attempts that gave valid audio")
    reproduces: bool | None = Field(description="whether it came out again, if somebody looked")
    dollars: float | None = Field(description="as if every reply were asked anew")
    output_tokens: int | None = Field(description="of every answer that says")
    latency_s: float | None = Field(description="median over the replies")
    metric: str = Field(description="its name")
    unit: str = Field(description="of the value; none for a ratio")
    higher_is_better: bool = Field(description="which end is good")
    primary: bool = Field(description="whether models are ranked by it")
    version: str = Field(description="of metric, embedder and recordings")
    value: float = Field(description="over all attempts")
    low: float = Field(description="end of its interval")
    high: float = Field(description="end of its interval")
    n: int = Field(description="prompts, or clips for a set metric")
    valid_value: float | None = Field(description="over the valid attempts alone")
    valid_low: float | None = Field(description="end of its interval")
    valid_high: float | None = Field(description="end of its interval")
    valid_n: int | None = Field(description="prompts or clips of these")
    reference: str | None = Field(description="digest of the recordings compared with")


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


# --- CSV -----------------------------------------------------------------------------------------


def as_csv(boards: Sequence[Board]) -> str:
    """A `Line` for each metric of each run; nothing stands where there is no value.

    A text that a spreadsheet would take for a formula has an apostrophe before it.
    """
    out = io.StringIO()
    writer = csv.DictWriter(out, list(Line.model_fields), lineterminator="\n")
    writer.writeheader()
    for board in boards:
        for entry in (*board.entries, *board.incomplete):
            for line in _lines(board, entry):
                writer.writerow({name: _field(v) for name, v in line.model_dump().items()})
    return out.getvalue()


def _lines(board: Board, entry: Entry) -> Iterator[Line]:
    ranks, spent, verified = _ranks(board, entry), entry.spent, entry.verification
    for metric, measured in entry.scores.items():
        known = about(metric)
        yield Line(
            tier=entry.tier,
            tier_digest=entry.tier_digest,
            model=entry.model,
            model_version=entry.model_version,
            kind=entry.kind,
            date=entry.date,
            complete=entry.complete,
            ranked=ranks is not None,
            rank_best=ranks.best if ranks else None,
            rank_worst=ranks.worst if ranks else None,
            prompts=entry.prompts,
            samples=entry.samples,
            missing=entry.missing,
            rendered=entry.rendered,
            reproduces=verified.reproduces if verified else None,
            dollars=spent.dollars if spent else None,
            output_tokens=spent.output_tokens if spent else None,
            latency_s=spent.latency_s if spent else None,
            metric=metric,
            unit=known.unit,
            higher_is_better=known.higher_is_better,
            primary=metric == entry.primary_metric,
            version=measured.version,
            reference=measured.reference,
            **_numbers(measured),
        )


def _numbers(measured: Measured) -> dict[str, Any]:
    valid = measured.valid_only
    only = valid.model_dump() if valid else dict.fromkeys(Estimate.model_fields)
    return measured.all_attempts.model_dump() | {f"valid_{k}": v for k, v in only.items()}


def _field(value: object) -> object:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return "'" + value
    return value
