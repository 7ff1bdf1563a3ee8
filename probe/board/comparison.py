"""How two runs or more differ on the same prompts, by how much, and where."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np

from probe.board.contestants import Contestant, contestants, open_runs
from probe.board.entries import DIGITS
from probe.board.markdown import code, interval, label, number, table
from probe.errors import UsageError
from probe.records import Tier
from probe.records.index import RunIndex
from probe.records.metrics import about
from probe.stats import LEVEL, holm, paired_difference
from probe.tier.folder import load

SAME = 1e-9
"""Two values of a prompt closer than this are a tie: they differ in their last bits only."""

FORMAT = 1
"""Version of the JSON."""

HOW_TO_READ = """\
Differences are first less second, over the prompts that both runs have, with 95 % intervals
(prompts resampled). p is of a two-sided sign-flip test on the prompts, Holm-corrected over all rows
of its kind (metrics, groups, levels) of all pairs. Wins, ties and losses are of the first run, by
prompt. *Better* names a run where p < {level:g}. Every attempt counts; a failed one takes the
metric's floor.
"""

SETS = """\
Set metrics have one value a run, with the jackknife's interval: no pairing, so no test.
"""

LEVELS = """\
Levels are as each run delivered them; none is normalised. A clip of another length than was asked
for is cropped, or padded with silence, at its end.
"""


@dataclass(frozen=True)
class Versus:
    """One metric of two runs on the prompts that both have; differences are first less second."""

    metric: str
    part: str
    """Group or level, or ``all``."""
    n: int
    first: float
    second: float
    difference: float
    low: float
    high: float
    p: float
    """Two-sided sign-flip test, Holm's correction over the table."""
    wins: int
    """Prompts on which the first is better."""
    ties: int
    losses: int

    @property
    def better(self) -> int:
        """0 or 1 for whichever is significantly better, -1 where neither is."""
        if self.p >= LEVEL or self.difference == 0:
            return -1
        return int((self.difference > 0) != about(self.metric).higher_is_better)


@dataclass(frozen=True)
class SetVersus:
    """A set metric of two runs: no mean over prompts, so there is no paired test."""

    metric: str
    first: tuple[float, float, float]
    second: tuple[float, float, float]
    difference: float


@dataclass(frozen=True)
class Pair:
    """Two of the runs, by their place."""

    first: int
    second: int
    metrics: tuple[Versus, ...]
    sets: tuple[SetVersus, ...]
    groups: tuple[Versus, ...]
    """Of the primary metric, as are levels."""
    levels: tuple[Versus, ...]


@dataclass(frozen=True)
class Compared:
    """All that is known of how runs differ."""

    tier: str
    digest: str
    samples: int
    primary_metric: str
    contestants: tuple[Contestant, ...]
    pairs: tuple[Pair, ...]
    unshared: Mapping[str, tuple[str, ...]]
    """Metrics that not every run has, and the labels of those that have them."""


def compare(names: Sequence[str], tier: str, results: Path) -> Compared:
    """Say how runs differ, pair by pair, on the prompts that both of a pair have.

    Parameters
    ----------
    names : sequence of str
        Two or more: a run's folder each, or its name on the board of `tier` under `results`.
    tier : str
        The tier's name, or its folder.
    results : Path
        Folder that holds the runs.

    Raises
    ------
    UsageError
        One is not there, they may not be compared (`contestants`), or share no prompt.
    """
    asked = load(tier).tier
    return compare_runs(open_runs(names, asked.name, results), asked)


def compare_runs(runs: Sequence[RunIndex], tier: Tier) -> Compared:
    """The same of runs that are open; all of them ran on `tier`."""
    spec, found = runs[0].run.spec, contestants(runs, tier)
    for one, other in combinations(found, 2):
        if not one.values[spec.primary_metric].keys() & other.values[spec.primary_metric].keys():
            raise UsageError(f"{one.label} and {other.label} share no prompt")
    metrics = set.union(*(each.metrics for each in found))
    order = [*(m for m in spec.metrics if m in metrics), *sorted(metrics - set(spec.metrics))]
    return Compared(
        tier=spec.tier,
        digest=spec.tier_digest,
        samples=spec.samples,
        primary_metric=spec.primary_metric,
        contestants=found,
        pairs=_pairs(found, order, runs),
        unshared={
            metric: tuple(each.label for each in found if metric in each.metrics)
            for metric in order
            if not all(metric in each.metrics for each in found)
        },
    )


# --- two runs ------------------------------------------------------------------------------------


def _pairs(
    found: Sequence[Contestant], order: Sequence[str], runs: Sequence[RunIndex]
) -> tuple[Pair, ...]:
    primary = runs[0].run.spec.primary_metric
    chosen = list(combinations(range(len(found)), 2))
    places = {prompt: place for run in runs for prompt, place in run.run.spec.prompts.items()}

    def table(part_of: Callable[[str], str] | None) -> list[tuple[Versus, ...]]:
        """A table for each pair; its p-values are corrected for all of them together."""
        rows = [[*_rows(found[a], found[b], order, part_of, primary)] for a, b in chosen]
        adjusted = iter(holm([row.p for each in rows for row in each]))
        return [tuple(replace(row, p=next(adjusted)) for row in each) for each in rows]

    tables = zip(
        table(None),
        table(lambda prompt: places[prompt].group),
        table(lambda prompt: f"level {places[prompt].level}"),
        strict=True,
    )
    return tuple(
        Pair(a, b, metrics, _sets(found[a], found[b], order), groups, levels)
        for (a, b), (metrics, groups, levels) in zip(chosen, tables, strict=True)
    )


def _rows(
    first: Contestant,
    second: Contestant,
    order: Sequence[str],
    part_of: Callable[[str], str] | None,
    primary: str,
) -> Iterator[Versus]:
    """Every metric on all prompts; or, by part, the primary one."""
    if part_of is None:
        for metric in order:
            if metric in first.values and metric in second.values:
                yield from _versus(metric, "all", first.values[metric], second.values[metric])
        return
    a, b = first.values[primary], second.values[primary]
    shared = [prompt for prompt in a if prompt in b]
    parts = dict.fromkeys(map(part_of, shared))
    for part in sorted(parts) if all(p.startswith("level ") for p in parts) else parts:
        ours = [prompt for prompt in shared if part_of(prompt) == part]
        yield from _versus(primary, part, {p: a[p] for p in ours}, {p: b[p] for p in ours})


def _versus(
    metric: str, part: str, first: Mapping[str, float], second: Mapping[str, float]
) -> Iterator[Versus]:
    shared = [prompt for prompt in first if prompt in second]
    if not shared:
        return
    a, b = (np.array([each[prompt] for prompt in shared]) for each in (first, second))
    found = paired_difference(a, b)
    gain = (a - b) * (1 if about(metric).higher_is_better else -1)
    yield Versus(
        metric=metric,
        part=part,
        n=found.n,
        first=float(a.mean()),
        second=float(b.mean()),
        difference=found.value,
        low=found.low,
        high=found.high,
        p=found.p,
        wins=int((gain > SAME).sum()),
        ties=int((np.abs(gain) <= SAME).sum()),
        losses=int((gain < -SAME).sum()),
    )


def _sets(first: Contestant, second: Contestant, order: Sequence[str]) -> tuple[SetVersus, ...]:
    return tuple(
        SetVersus(
            metric,
            first.sets[metric],
            second.sets[metric],
            first.sets[metric][0] - second.sets[metric][0],
        )
        for metric in order
        if metric in first.sets and metric in second.sets
    )


# --- what is written -----------------------------------------------------------------------------


def markdown(found: Compared) -> str:
    """All of it, for people."""
    names = [code(each.label) for each in found.contestants]
    parts = [
        f"# {' against '.join(names)} on {found.tier} `{found.digest[:12]}`\n",
        HOW_TO_READ.format(level=LEVEL),
        _made(found),
    ]
    for pair in found.pairs:
        parts += _pair(found, pair)
    if found.unshared:
        said = (f"{metric} ({', '.join(has)})" for metric, has in found.unshared.items())
        parts.append(f"Not measured in every run: {'; '.join(said)}.\n")
    return "\n".join(parts)


def as_json(found: Compared) -> str:
    """All of it, for programs."""
    contestants = [
        {key: value for key, value in asdict(each).items() if key not in ("values", "sets")}
        | {"folder": str(each.folder)}
        for each in found.contestants
    ]
    pairs = [
        {
            "first": found.contestants[pair.first].label,
            "second": found.contestants[pair.second].label,
            "metrics": [_versus_json(found, pair, row) for row in pair.metrics],
            "sets": [asdict(row) for row in pair.sets],
            "groups": [_versus_json(found, pair, row) for row in pair.groups],
            "levels": [_versus_json(found, pair, row) for row in pair.levels],
        }
        for pair in found.pairs
    ]
    whole = {
        "format": FORMAT,
        "tier": found.tier,
        "digest": found.digest,
        "samples": found.samples,
        "primary_metric": found.primary_metric,
        "runs": contestants,
        "pairs": pairs,
        "unshared": found.unshared,
        "bandwidth": _bandwidth(found.contestants),
    }
    return json.dumps(_rounded(whole), indent=1, ensure_ascii=False)


def _versus_json(found: Compared, pair: Pair, row: Versus) -> dict[str, Any]:
    return asdict(row) | {"better": _better(found, pair, row)}


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_rounded(each) for each in value]
    return value


def _made(found: Compared) -> str:
    """How each run came about, as far as it bears on the comparison."""
    rows = [
        [
            code(each.label),
            each.kind,
            each.date,
            f"{each.prompts} × {found.samples}",
            f"{each.rendered:.0%}",
            _rates(each),
            str(each.cropped),
            str(each.padded),
            str(each.brought_down),
        ]
        for each in found.contestants
    ]
    header = ["run", "kind", "date", "n", "rendered", "made at", "cropped", "padded", "lowered"]
    warning = _bandwidth(found.contestants)
    return "\n".join([table(header, rows), LEVELS, *([f"> {warning}\n"] if warning else [])])


def _rates(each: Contestant) -> str:
    if not each.native_rates:
        return "the tier's rate"
    return ", ".join(f"{rate} Hz ({clips})" for rate, clips in each.native_rates.items())


def _bandwidth(contestants: Sequence[Contestant]) -> str | None:
    """What must be said where some run was made at a sample rate too low for the others' band."""
    if len({each.band_hz for each in contestants}) < 2:
        return None
    bands = (f"{each.label} has nothing above {each.band_hz / 1000:g} kHz" for each in contestants)
    return (
        "The runs do not fill the same band: "
        + "; ".join(bands)
        + ". Set metrics and classifiers may tell them apart by that alone."
    )


def _pair(found: Compared, pair: Pair) -> list[str]:
    first, second = (code(found.contestants[place].label) for place in (pair.first, pair.second))
    parts = [f"## {first} − {second}\n"]
    tables = (("metric", pair.metrics), ("group", pair.groups), ("level", pair.levels))
    for what, rows in tables:
        if what != "metric":
            parts.append(f"### {found.primary_metric} by {what}\n")
        header = [what, "n", first, second, "difference", "p", "better", "wins / ties / losses"]
        parts.append(table(header, (_line(found, pair, row) for row in rows)))
    parts += _in_words(found, pair)
    if pair.sets:
        lines = [
            [
                label(about(row.metric)),
                interval(*row.first),
                interval(*row.second),
                number(row.difference, signed=True),
            ]
            for row in pair.sets
        ]
        header = ["metric", first, second, "difference"]
        parts += ["### Set metrics\n", table(header, lines), SETS]
    return parts


def _line(found: Compared, pair: Pair, row: Versus) -> list[str]:
    better = _better(found, pair, row)
    return [
        label(about(row.metric)) if row.part == "all" else row.part,
        str(row.n),
        number(row.first),
        number(row.second),
        interval(row.difference, row.low, row.high, signed=True),
        "<0.001" if row.p < 0.001 else f"{row.p:.3f}",
        "–" if better is None else code(better),
        f"{row.wins} / {row.ties} / {row.losses}",
    ]


def _better(found: Compared, pair: Pair, row: Versus) -> str | None:
    places = (pair.first, pair.second)
    return None if row.better < 0 else found.contestants[places[row.better]].label


def _in_words(found: Compared, pair: Pair) -> list[str]:
    """Where one beats the other and where it does not, by group."""
    sides = [[row.part for row in pair.groups if row.better == side] for side in (0, 1)]
    open_ = [row.part for row in pair.groups if row.better < 0]
    said = [
        f"{code(found.contestants[place].label)} is better on {', '.join(parts)}."
        for place, parts in zip((pair.first, pair.second), sides, strict=True)
        if parts
    ]
    if open_:
        said.append(f"No difference is shown on {', '.join(open_)}.")
    return [" ".join(said) + "\n"]
