"""Which runs may be compared, and what each of them brings to a comparison.

Only what was measured the same way is compared: the same tier, the same number of samples, and per
metric the same version, embedder and recordings. Anything else is refused, with what differs.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from probe.board.entries import Entry, accepted_said, changed_lengths, summarize
from probe.errors import UsageError, unknown
from probe.records import ModelKind, Tier
from probe.records.index import RunIndex, of_each
from probe.records.metrics import about
from probe.records.run_folder import find_runs, home, read_run

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

    @property
    def metrics(self) -> set[str]:
        """Everything that was measured."""
        return {*self.values, *self.sets}


def open_runs(names: Sequence[str], tier: str, results: Path) -> list[RunIndex]:
    """Find runs on a tier.

    Parameters
    ----------
    names : sequence of str
        Two or more: a run's folder each, or its name on the board of `tier` under `results`.
    tier : str
        The tier's name.
    results : Path
        Folder that holds the runs.

    Raises
    ------
    UsageError
        A run is not there, or is named twice.
    """
    folders = [_find(name, tier, results) for name in names]
    if len(folders) < 2:
        raise UsageError("name two runs or more")
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError("a run is named twice")
    return of_each(RunIndex, folders)


def contestants(runs: Sequence[RunIndex], tier: Tier) -> tuple[Contestant, ...]:
    """See that runs may be compared, and work out what each amounts to.

    Raises
    ------
    UsageError
        A run is incomplete or of another tier than `tier`; or their tier digests, sample counts, or
        versions of a metric differ.
    """
    labels = _labels(runs)
    entries = [summarize(run) for run in runs]
    _check(runs, entries, labels, tier.name)
    _check_versions([_versions(run) for run in runs], labels)
    every = zip(runs, entries, labels, strict=True)
    return tuple(_contestant(*each, tier.sample_rate) for each in every)


# --- which runs, and whether they can be compared ------------------------------------------------


def _find(name: str, tier: str, results: Path) -> Path:
    folders = (Path(name), home(results / tier, name))
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
        if entry.accepted is not None:
            raise UsageError(
                f"{label} {accepted_said(entry.missing, entry.accepted)}: it is shown, not compared"
                " or ranked; run it again without --accept-missing to fill them"
            )
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
