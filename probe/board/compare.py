"""Two runs or more on the same prompts: how they differ, by how much, and where.

Only what was measured the same way is compared: the same tier, the same number of samples, and per
metric the same version, embedder and recordings. Anything else is refused, with what differs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np

from probe.board.entries import Entry, changed_lengths, summarize
from probe.errors import UsageError, unknown
from probe.records import ModelKind, Tier
from probe.records.index import RunIndex
from probe.records.metrics import about
from probe.records.store import find_runs, read_run, slug
from probe.stats import LEVEL, holm, paired_difference
from probe.tier.folder import load

SAME = 1e-9
"""Two values of a prompt closer than this are a tie: they differ in their last bits only."""

_RESAMPLED = re.compile(r"resampled from (\d+) Hz")


@dataclass(frozen=True)
class Contestant:
    """One run, as far as it is compared."""

    label: str
    folder: Path
    kind: ModelKind
    date: str
    prompts: int
    rendered: float
    """Share of the attempts that gave valid audio."""
    native_rates: Mapping[int, int]
    """Clips by the sample rate in Hz they were made at, where it was not the tier's."""
    band_hz: float
    """Above this nothing can be in some clip: half its own rate, or the tier's where that is less.
    """
    cropped: int
    """Clips that were longer than asked for, and cut at the end."""
    padded: int
    """Clips that were shorter, and padded with silence."""
    brought_down: int
    """Clips whose level was lowered to stay within full scale; no other level is changed."""
    values: Mapping[str, Mapping[str, float]]
    """Per-clip metrics: mean over the samples, by prompt."""
    sets: Mapping[str, tuple[float, float, float]]
    """Set metrics: value and its interval."""


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
    """Compare runs.

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
        A run is not there, incomplete or of another tier; they share no prompt; or their tier
        digests, sample counts, or versions of a metric differ.
    """
    asked = load(tier).tier
    folders = [_find(name, asked.name, results) for name in names]
    if len(folders) < 2:
        raise UsageError("name two runs or more")
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError("a run is named twice")
    return compare_runs([RunIndex(folder) for folder in folders], asked)


def compare_runs(runs: Sequence[RunIndex], asked: Tier) -> Compared:
    """The same of runs that are open; all of them ran on the tier `asked`."""
    labels = _labels(runs)
    entries = [summarize(run) for run in runs]
    _check(runs, entries, labels, asked.name)
    every = [_versions(run) for run in runs]
    _check_versions(every, labels)
    contestants = tuple(
        _contestant(*each, asked.sample_rate) for each in zip(runs, entries, labels, strict=True)
    )
    spec = runs[0].run.spec
    if not set.intersection(*(set(c.values[spec.primary_metric]) for c in contestants)):
        raise UsageError(f"{' and '.join(labels)} share no prompt")
    metrics = dict.fromkeys(metric for versions in every for metric in versions)
    order = [*(m for m in spec.metrics if m in metrics), *sorted(set(metrics) - set(spec.metrics))]
    return Compared(
        tier=spec.tier,
        digest=spec.tier_digest,
        samples=spec.samples,
        primary_metric=spec.primary_metric,
        contestants=contestants,
        pairs=_pairs(contestants, order, runs),
        unshared={
            metric: tuple(name for name, has in zip(labels, every, strict=True) if metric in has)
            for metric in order
            if not all(metric in versions for versions in every)
        },
    )


# --- which runs, and whether they can be compared ------------------------------------------------


def _find(name: str, tier: str, results: Path) -> Path:
    folders = (Path(name), results / tier / slug(name))
    found = next((folder for folder in folders if (folder / "run.json").is_file()), None)
    if found is not None:
        return found
    there = [read_run(f).spec.row for f in find_runs(results) if f.parent.name == tier]
    raise UsageError(unknown(f"run on {tier} in {results}", name, there))


def _labels(runs: Sequence[RunIndex]) -> list[str]:
    """Names on the board; where two are the same, with their folders."""
    rows = [run.run.spec.row for run in runs]
    return [
        row if rows.count(row) == 1 else f"{row} ({run.folder})"
        for row, run in zip(rows, runs, strict=True)
    ]


def _check(
    runs: Sequence[RunIndex], entries: Sequence[Entry], labels: Sequence[str], tier: str
) -> None:
    def differ(what: str, read: Callable[[RunIndex], object]) -> None:
        found = [str(read(run)) for run in runs]
        if len(set(found)) > 1:
            pairs = zip(found, labels, strict=True)
            said = ", ".join(f"{value[:12]} in {name}" for value, name in pairs)
            raise UsageError(f"the runs cannot be compared, their {what} differ: {said}")

    for run, label in zip(runs, labels, strict=True):
        if run.run.spec.tier != tier:
            raise UsageError(f"{label} is a run on {run.run.spec.tier}, not on {tier}")
    differ("tier digests", lambda run: run.run.spec.tier_digest)
    differ("sample counts", lambda run: run.run.spec.samples)
    for entry, label in zip(entries, labels, strict=True):
        if entry.missing:
            raise UsageError(
                f"{label} is incomplete, {entry.missing} attempts are missing; finish it"
            )


def _versions(run: RunIndex) -> dict[str, str]:
    """The version in which each metric was measured.

    Raises
    ------
    UsageError
        Scores of one metric have several.
    """
    found = {metric: run.versions(metric) for metric in run.values}
    found |= {metric: {row.version} for metric, row in run.sets.items()}
    for metric, versions in found.items():
        if len(versions) > 1:
            raise UsageError(
                f"{run.run.spec.row} has {metric} in the versions {' and '.join(sorted(versions))};"
                " run it again to score all of it anew"
            )
    return {metric: versions.pop() for metric, versions in found.items()}


def _check_versions(every: Sequence[Mapping[str, str]], labels: Sequence[str]) -> None:
    faults = []
    for metric in sorted({metric for versions in every for metric in versions}):
        have = [(v[metric], name) for v, name in zip(every, labels, strict=True) if metric in v]
        if len({version for version, _ in have}) > 1:
            said = ", ".join(f"{version} in {name}" for version, name in have)
            faults.append(f"{_part(metric, [version for version, _ in have])} of {metric} ({said})")
    if faults:
        raise UsageError(
            "the runs cannot be compared, they differ in "
            + "; ".join(faults)
            + "; score them again in the same way"
        )


def _part(metric: str, versions: Sequence[str]) -> str:
    """Which part of a metric's version differs: ``<metric>[/<embedder>][/<recordings>]``."""
    split = [version.split("/") for version in versions]
    if len({len(parts) for parts in split}) > 1:
        return "the way of measuring"
    if len({parts[0] for parts in split}) > 1:
        return "the version"
    last = len({parts[-1] for parts in split}) > 1
    return "the recordings" if about(metric).needs == "references" and last else "the embedder"


# --- one run -------------------------------------------------------------------------------------


def _contestant(run: RunIndex, entry: Entry, label: str, sample_rate: int) -> Contestant:
    notes = [note for each in run.notes.values() for note in each]
    rates = Counter(int(said[1]) for note in notes if (said := _RESAMPLED.fullmatch(note)))
    changed = changed_lengths(run.notes.values())
    sets = {
        metric: (found.value, found.low, found.high)
        for metric, measured in entry.scores.items()
        if about(metric).scope == "set" and (found := measured.all_attempts)
    }
    return Contestant(
        label=label,
        folder=run.folder,
        kind=entry.kind,
        date=entry.date,
        prompts=entry.prompts,
        rendered=entry.rendered,
        native_rates=dict(sorted(rates.items())),
        band_hz=min([sample_rate, *rates]) / 2,
        cropped=changed.get("cropped", 0),
        padded=changed.get("padded", 0),
        brought_down=sum(note.startswith("brought down by ") for note in notes),
        values={metric: run.by_prompt(metric) for metric in run.values},
        sets=sets,
    )


# --- two runs ------------------------------------------------------------------------------------


def _pairs(
    contestants: Sequence[Contestant], order: Sequence[str], runs: Sequence[RunIndex]
) -> tuple[Pair, ...]:
    primary = runs[0].run.spec.primary_metric
    chosen = list(combinations(range(len(contestants)), 2))
    places = {prompt: place for run in runs for prompt, place in run.run.spec.prompts.items()}

    def table(part_of: Callable[[str], str] | None) -> list[tuple[Versus, ...]]:
        """A table for each pair; its p-values are corrected for all of them together."""
        rows = [
            [*_rows(contestants[a], contestants[b], order, part_of, primary)] for a, b in chosen
        ]
        adjusted = iter(holm([row.p for each in rows for row in each]))
        return [tuple(replace(row, p=next(adjusted)) for row in each) for each in rows]

    tables = zip(
        table(None),
        table(lambda prompt: places[prompt].group),
        table(lambda prompt: f"level {places[prompt].level}"),
        strict=True,
    )
    return tuple(
        Pair(a, b, metrics, _sets(contestants[a], contestants[b], order), groups, levels)
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
