"""The leaderboard: a pure function of the logs under a results folder, the same bytes each time."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

import numpy as np

from probe import published
from probe.errors import ProbeError
from probe.metrics import about
from probe.records import Outcome
from probe.results import DIGITS, MISSING, Entry, Estimate, Spent, summarize
from probe.stats import Ranking, Ranks, intervals, rank
from probe.store import RunFolder, find_runs

CONTROLS = ("control", "programs")
CEILING = "builtin/programs"
FLOORS = ("builtin/noise", "builtin/silence")
REAL = "builtin/reference"

FORMAT = 1
"""Version of leaderboard.json."""


@dataclass(frozen=True)
class Board:
    """The runs of one version of one tier, best first."""

    tier: str
    digest: str
    entries: tuple[Entry, ...]
    incomplete: tuple[Entry, ...]

    @cached_property
    def models(self) -> list[Entry]:
        """What is ranked: models that were asked everything any run here was asked."""
        whole = max((entry.prompts for entry in self.entries), default=0)
        return [e for e in self.entries if e.kind not in CONTROLS and e.prompts == whole]

    @property
    def partial(self) -> list[Entry]:
        """Models that were asked fewer prompts than others; easier ones, perhaps."""
        return [e for e in self.entries if e.kind not in CONTROLS and e not in self.models]

    @cached_property
    def ranking(self) -> Ranking:
        """Places of `models`, in their order, on the prompts that all of them have."""
        shared = [p for p in self.models[0].by_prompt if all(p in e.by_prompt for e in self.models)]
        if not shared:
            return Ranking((Ranks(1, len(self.models)),) * len(self.models), None)
        scores = np.array([[entry.by_prompt[p] for entry in self.models] for p in shared])
        return rank(scores, higher_is_better=about(self.models[0].primary_metric).higher_is_better)

    @property
    def controls(self) -> list[Entry]:
        """What says whether the measurement can be believed."""
        return [entry for entry in self.entries if entry.kind in CONTROLS]


def write(results: Path) -> list[Path]:
    """Write ``LEADERBOARD.md`` and ``leaderboard.json`` into `results`; returns their paths."""
    written = []
    for path, text in _files(results):
        path.write_text(text, encoding="utf-8")
        written.append(path)
    return written


def stale(results: Path) -> list[Path]:
    """Which of the two files are not what the logs say."""
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


def read(results: Path) -> list[Board]:
    """Summarize every run below `results`, by tier and version of the tier."""
    if not results.is_dir():
        raise ProbeError(f"there is no results folder {results}")
    found: defaultdict[tuple[str, str], list[Entry]] = defaultdict(list)
    for folder in find_runs(results):
        entry = summarize(RunFolder(folder))
        found[entry.tier, entry.tier_digest].append(entry)
    return [
        Board(
            tier=tier,
            digest=digest,
            entries=tuple(sorted((e for e in entries if e.complete), key=_rank)),
            incomplete=tuple(sorted((e for e in entries if not e.complete), key=_name)),
        )
        for (tier, digest), entries in sorted(found.items())
    ]


def _name(entry: Entry) -> str:
    return entry.model


def _rank(entry: Entry) -> tuple[float, str]:
    value = entry.scores[entry.primary_metric].all_attempts.value
    return (-value if about(entry.primary_metric).higher_is_better else value, entry.model)


def out_of_order(board: Board) -> list[str]:
    """Controls that are not in the order every sound measurement must put them in.

    Hand-written programs and real recordings must beat noise and silence on the primary metric,
    on the prompts they share.
    """
    by_model = {entry.model: entry for entry in board.controls}
    faults = []
    for better in (CEILING, REAL):
        for worse in FLOORS:
            if better in by_model and worse in by_model:
                margin = _difference(by_model[better], by_model[worse])
                if margin is not None and margin.value <= 0:
                    faults.append(f"{better} does not beat {worse}")
    return faults


def _difference(entry: Entry, other: Entry) -> Estimate | None:
    """How much better `entry` is than `other` on the prompts they share, with a paired interval."""
    shared = [prompt for prompt in entry.by_prompt if prompt in other.by_prompt]
    if not shared:
        return None
    sign = 1.0 if about(entry.primary_metric).higher_is_better else -1.0
    pairs = np.array([[entry.by_prompt[p], other.by_prompt[p]] for p in shared])
    found = intervals(sign * (pairs[:, :1] - pairs[:, 1:]))[0]
    return Estimate(
        value=round(found.value, DIGITS),
        low=round(found.low, DIGITS),
        high=round(found.high, DIGITS),
        n=found.n,
    )


# --- JSON ----------------------------------------------------------------------------------------


def as_json(boards: Sequence[Board], tables: Sequence[published.Figures] = ()) -> str:
    """Everything the Markdown says and more, for programs."""
    return (
        json.dumps(
            {
                "format": FORMAT,
                "tiers": [
                    {
                        "tier": board.tier,
                        "digest": board.digest,
                        "controls_out_of_order": out_of_order(board),
                        "smallest_difference": _smallest_difference(board),
                        "runs": [_run_json(board, entry) for entry in board.entries],
                        "incomplete": [entry.model_dump() for entry in board.incomplete],
                    }
                    for board in boards
                ],
                "published": [table.model_dump() for table in tables],
            },
            indent=1,
            ensure_ascii=False,
        )
        + "\n"
    )


def _run_json(board: Board, entry: Entry) -> dict[str, object]:
    against = _against_ceiling(board, entry)
    ranked = entry in board.models
    return entry.model_dump() | {
        "ranked": ranked,
        "ranks": asdict(board.ranking.ranks[board.models.index(entry)]) if ranked else None,
        "against_ceiling": None if against is None else against.model_dump(),
    }


def _smallest_difference(board: Board) -> float | None:
    found = board.ranking.smallest_difference if board.models else None
    return None if found is None else round(found, DIGITS)


def _against_ceiling(board: Board, entry: Entry) -> Estimate | None:
    ceiling = next((e for e in board.controls if e.model == CEILING), None)
    return None if ceiling is None or ceiling is entry else _difference(entry, ceiling)


# --- Markdown ------------------------------------------------------------------------------------

HOW_TO_READ = """\
Written by `probe leaderboard` from the logs beside it; do not edit.

Brackets are 95 % intervals: prompts are resampled, with the same draws for every row, so rows
with the same prompts can be compared; for a set metric (`fd/…`, `fad/…`, `kad/…`) they are a
jackknife over clips. **n** is the number of prompts. Scores count every attempt: one that gave no
valid audio takes the metric's floor (digital silence in a set metric). *Valid only* leaves those
out and says how good the audio is when there is some. *To the ceiling* is the paired difference to
the hand-written programs. A dash is a metric that was not measured. Models share places unless a
paired test on the prompts tells them apart (sign flips, Holm's correction over all pairs, 5 %).
Controls are made by the same pipeline and are not ranked.
"""


def markdown(boards: Sequence[Board], tables: Sequence[published.Figures] = ()) -> str:
    """The leaderboard for people; what others published stands after it."""
    parts = ["# Leaderboard\n", HOW_TO_READ]
    for board in boards:
        parts += _board_markdown(board)
    if not boards:
        parts.append("No run yet: `probe run --tier notes --model builtin/programs`.\n")
    parts += published.markdown(tables)
    return "\n".join(parts)


def _board_markdown(board: Board) -> list[str]:
    parts = [f"## {board.tier} `{board.digest[:12]}`\n"]
    faults = out_of_order(board)
    if faults:
        parts.append(f"> **The measurement is broken:** {'; '.join(faults)}.\n")
    if board.models:
        parts += ["### Models\n", _scores_table(board, board.models, ranked=True)]
        parts += _smallest_difference_said(board)
    if board.partial:
        parts += ["### Fewer prompts, not ranked\n"]
        parts += [_scores_table(board, board.partial, ranked=False)]
    if board.controls:
        parts += ["### Controls\n", _scores_table(board, board.controls, ranked=False)]
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
    header = [
        *(["#"] if ranked else []),
        "model",
        "date",
        "n",
        "rendered",
        f"**{_label(primary)}**",
        "valid only",
        "to the ceiling",
        *map(_label, metrics),
        *(["cost", "seconds a reply"] if any(e.spent for e in entries) else []),
    ]
    rows = []
    for place, entry in enumerate(entries):
        main = entry.scores[primary]
        rows.append(
            [
                *([str(board.ranking.ranks[place])] if ranked else []),
                _cell_text(entry.model),
                entry.date,
                str(entry.prompts),
                f"{entry.rendered:.0%}",
                _estimate(main.all_attempts),
                _estimate(main.valid_only),
                _estimate(_against_ceiling(board, entry), signed=True),
                *(_estimate(getattr(entry.scores.get(m), "all_attempts", None)) for m in metrics),
                *(_spent(entry.spent) if any(e.spent for e in entries) else []),
            ]
        )
    return _table(header, rows)


def _spent(spent: Spent | None) -> list[str]:
    if spent is None:
        return ["–", "–"]
    dollars = "unknown" if spent.dollars is None else f"${spent.dollars:.2f}"
    return [dollars, "–" if spent.latency_s is None else f"{spent.latency_s:.1f}"]


def _smallest_difference_said(board: Board) -> list[str]:
    found = _smallest_difference(board)
    if found is None:
        return []
    return [
        f"{board.models[0].prompts} prompts show a true difference of {_number(found)} between two"
        " of these models four times of five.\n"
    ]


def _distances(entries: Sequence[Entry]) -> list[str]:
    """Each distance to recordings between what such distances can be at best and at worst."""
    rows = [
        [
            _label(metric),
            _cell_text(entry.model),
            _estimate(found.all_attempts),
            _estimate(found.valid_only),
            _estimate(found.floor),
            _estimate(found.ceiling),
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
        _table([*header, "recordings"], rows),
        "*Real to real* is the distance between halves of the recordings, the best there can be;"
        " *noise to real* that of white noise, what knowing nothing gets.\n",
    ]


def _table_along(entries: Sequence[Entry], along: Literal["groups", "levels"]) -> str:
    places = _in_order(getattr(entry, along) for entry in entries)
    if along == "levels":
        places.sort()
    rows = [
        [_cell_text(entry.model), *(_estimate(getattr(entry, along).get(p)) for p in places)]
        for entry in entries
    ]
    head = [f"level {place}" if along == "levels" else place for place in places]
    return _table(["model", *head], rows)


def _outcomes_table(entries: Sequence[Entry]) -> str:
    order = [*Outcome, MISSING]
    seen = sorted({name for entry in entries for name in entry.outcomes}, key=order.index)
    rows = [
        [_cell_text(entry.model), *(str(entry.outcomes.get(name, 0)) for name in seen)]
        for entry in entries
    ]
    return _table(["model", *seen], rows)


def _incomplete_table(entries: Sequence[Entry]) -> str:
    rows = [[_cell_text(e.model), str(e.prompts * e.samples), str(e.missing)] for e in entries]
    return _table(["model", "attempts", "missing"], rows)


def _in_order(tables: Iterable[Iterable[str]]) -> list[str]:
    """Keys of all `tables`, each once, in the order in which they are met."""
    return list(dict.fromkeys(key for table in tables for key in table))


def _label(metric: str) -> str:
    known = about(metric)
    unit = f" ({known.unit})" if known.unit else ""
    return f"{metric}{unit} {'↑' if known.higher_is_better else '↓'}"


def _estimate(found: Estimate | float | None, *, signed: bool = False) -> str:
    if found is None:
        return "–"
    if isinstance(found, float):
        return _number(found)
    form = (lambda x: f"{x:+.3f}") if signed else _number
    return f"{form(found.value)} [{form(found.low)}, {form(found.high)}]"


def _number(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"


def _cell_text(text: str) -> str:
    """A model's name is anybody's text: it must stay inside its cell."""
    return "`" + text.replace("`", "'").replace("|", "¦").replace("\n", " ") + "`"


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"
