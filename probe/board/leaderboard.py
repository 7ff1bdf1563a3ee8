"""The leaderboard: a pure function of the logs under a results folder, the same bytes each time.

``docs/results.md`` says what every field of the JSON means; ``docs/leaderboard.schema.json`` is its
schema. Both are written from the records here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from probe.board import published
from probe.board.entries import DIGITS, MISSING, Entry, Estimate, Spent
from probe.board.markdown import code, estimate, label, number, table
from probe.board.order import CEILING, Board, difference, not_comparable, out_of_order, read
from probe.board.published import Figures
from probe.paths import writing
from probe.records import Outcome, Verification
from probe.records.metrics import about
from probe.records.record import Record
from probe.stats import Ranks

FORMAT = 2
"""Version of leaderboard.json."""

HOW_TO_READ = """\
Written by `probe leaderboard` from the logs beside it; do not edit.

Brackets are 95 % intervals: prompts are resampled, with the same draws for every row, so rows
with the same prompts can be compared; for a set metric (`fd/…`, `fad/…`, `kad/…`) they are a
jackknife over clips. **n** is the number of prompts. Scores count every attempt: one that gave no
valid audio takes the metric's floor (digital silence in a set metric). *Valid only* leaves those
out and says how good the audio is when there is some. *To the ceiling* is the paired difference to
the hand-written programs. A dash is a metric that was not measured. Models share places unless a
paired test on the prompts tells them apart (sign flips, Holm's correction over all pairs, 5 %).
*Version* is the model that the service says answered, or the engine's own. *Rendered* is the share
of attempts that gave valid audio. *Reproduces* says whether `probe verify` got the same audio and
scores again. Controls are made by the same pipeline and are not ranked. What must not be held
against each other stands under *Not comparable*. Every field is explained in docs/results.md.
"""


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


def write(results: Path) -> list[Path]:
    """Write the leaderboard into `results` as Markdown and JSON; returns the files' paths."""
    written = []
    for path, text in _files(results):
        with writing(path):
            path.write_bytes(text.encode())
        written.append(path)
    return written


def stale(results: Path) -> list[Path]:
    """Which of the files are not what the logs say."""
    return [
        path
        for path, text in _files(results)
        if not path.is_file() or path.read_bytes() != text.encode()
    ]


def _files(results: Path) -> list[tuple[Path, str]]:
    boards, tables = read(results), published.read(results)
    return [
        (results / "LEADERBOARD.md", markdown(boards, tables)),
        (results / "leaderboard.json", as_json(boards, tables)),
    ]


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


# --- Markdown ------------------------------------------------------------------------------------


def markdown(boards: Sequence[Board], tables: Sequence[Figures] = ()) -> str:
    """The leaderboard for people; what others published stands after it."""
    parts = ["# Leaderboard\n", HOW_TO_READ]
    for board in boards:
        parts += _board_markdown(board, boards)
    if not boards:
        parts.append("No run yet: `probe run --tier notes --model builtin/programs`.\n")
    parts += published.markdown(tables)
    return "\n".join(parts)


def _board_markdown(board: Board, boards: Sequence[Board]) -> list[str]:
    parts = [f"## {board.tier} `{board.digest[:12]}`\n"]
    faults = out_of_order(board)
    if faults:
        parts.append(f"> **The measurement is broken:** {'; '.join(faults)}.\n")
    if board.models:
        parts += ["### Models\n", _scores_table(board, board.models, ranked=True)]
        parts += _smallest_difference_said(board)
    if board.unranked:
        parts += ["### Not ranked\n", _scores_table(board, board.unranked, ranked=False)]
    if board.controls:
        parts += ["### Controls\n", _scores_table(board, board.controls, ranked=False)]
    if reasons := not_comparable(board, boards):
        parts += ["### Not comparable\n", "".join(f"- {reason}\n" for reason in reasons)]
    if board.entries:
        parts += _distances(board.entries)
        primary = board.entries[0].primary_metric
        parts += [f"### {primary} by group\n", _table_along(board.entries, "groups")]
        parts += [f"### {primary} by level\n", _table_along(board.entries, "levels")]
        parts += ["### How the attempts ended\n", _outcomes_table(board.entries)]
    if board.incomplete:
        parts += ["### Incomplete, not ranked\n", _incomplete_table(board.incomplete)]
    return parts


def _scores_table(board: Board, entries: Sequence[Entry], *, ranked: bool) -> str:
    primary = entries[0].primary_metric
    metrics = [m for m in _in_order(e.scores for e in board.entries) if m != primary]
    verified = any(entry.verification for entry in board.entries)
    header = [
        *(["#"] if ranked else []),
        "model",
        "version",
        "date",
        "n",
        "rendered",
        *(["reproduces"] if verified else []),
        f"**{label(about(primary))}**",
        "valid only",
        "to the ceiling",
        *(label(about(metric)) for metric in metrics),
        *(["cost", "seconds a reply"] if any(e.spent for e in entries) else []),
    ]
    rows = []
    for place, entry in enumerate(entries):
        main = entry.scores[primary]
        rows.append(
            [
                *([str(board.ranking.ranks[place])] if ranked else []),
                code(entry.model),
                code(entry.model_version) if entry.model_version else "–",
                entry.date,
                str(entry.prompts),
                f"{entry.rendered:.0%}",
                *([_reproduces(entry.verification)] if verified else []),
                estimate(main.all_attempts),
                estimate(main.valid_only),
                estimate(against_ceiling(board, entry), signed=True),
                *(estimate(getattr(entry.scores.get(m), "all_attempts", None)) for m in metrics),
                *(_spent(entry.spent) if any(e.spent for e in entries) else []),
            ]
        )
    return table(header, rows)


def _reproduces(found: Verification | None) -> str:
    if found is None:
        return "–"
    return ("yes" if found.reproduces else "**no**") + (", by score" if found.by_score else "")


def _spent(spent: Spent | None) -> list[str]:
    if spent is None:
        return ["–", "–"]
    dollars = "unknown" if spent.dollars is None else f"${spent.dollars:.2f}"
    return [dollars, "–" if spent.latency_s is None else f"{spent.latency_s:.1f}"]


def _smallest_difference_said(board: Board) -> list[str]:
    found = smallest_difference(board)
    if found is None:
        return []
    return [
        f"{board.models[0].prompts} prompts show a true difference of {number(found)} between two"
        " of these models four times of five.\n"
    ]


def _distances(entries: Sequence[Entry]) -> list[str]:
    """Each distance to recordings between what such distances can be at best and at worst."""
    rows = [
        [
            label(about(metric)),
            code(entry.model),
            estimate(found.all_attempts),
            estimate(found.valid_only),
            estimate(found.floor),
            estimate(found.ceiling),
            "–" if found.reference is None else f"`{found.reference[:12]}`",
        ]
        for metric in _in_order(entry.scores for entry in entries)
        for entry in entries
        if (found := entry.scores.get(metric)) and (found.floor or found.ceiling is not None)
    ]
    if not rows:
        return []
    header = ["metric", "model", "all attempts", "valid only", "real to real", "noise to real"]
    return [
        "### Distances to recordings\n",
        table([*header, "recordings"], rows),
        "*Real to real* is the distance between halves of the recordings, the best there can be;"
        " *noise to real* that of white noise, what knowing nothing gets.\n",
    ]


def _table_along(entries: Sequence[Entry], along: Literal["groups", "levels"]) -> str:
    places = _in_order(getattr(entry, along) for entry in entries)
    if along == "levels":
        places.sort()
    rows = [
        [code(entry.model), *(estimate(getattr(entry, along).get(p)) for p in places)]
        for entry in entries
    ]
    head = [f"level {place}" if along == "levels" else place for place in places]
    return table(["model", *head], rows)


def _outcomes_table(entries: Sequence[Entry]) -> str:
    order = [*Outcome, MISSING]
    seen = sorted({name for entry in entries for name in entry.outcomes}, key=order.index)
    rows = [
        [code(entry.model), *(str(entry.outcomes.get(name, 0)) for name in seen)]
        for entry in entries
    ]
    return table(["model", *seen], rows)


def _incomplete_table(entries: Sequence[Entry]) -> str:
    rows = [[code(e.model), str(e.prompts * e.samples), str(e.missing)] for e in entries]
    return table(["model", "attempts", "missing"], rows)


def _in_order(tables: Iterable[Iterable[str]]) -> list[str]:
    """Keys of all `tables`, each once, in the order in which they are met."""
    return list(dict.fromkeys(key for table in tables for key in table))
