"""Which runs may be compared, and what each of them brings to a comparison.

Only what was measured the same way is compared: the same tier, the same number of samples, and per
metric the same version, embedder and recordings. Anything else is refused, with what differs.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from probe.board.entries import summarize
from probe.errors import UsageError, unknown
from probe.records import ModelKind, Spec, Tier
from probe.records.metrics import about
from probe.records.store import RunFolder, find_runs, slug
from probe.render.stage import changed_lengths

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


def contestants(
    names: Sequence[str], tier: Tier, results: Path
) -> tuple[Spec, tuple[Contestant, ...]]:
    """Find runs, see that they may be compared, and work out what each amounts to.

    Parameters
    ----------
    names : sequence of str
        Two or more: a run's folder each, or its name on the board of `tier` under `results`.
    tier : Tier
        What they ran on.
    results : Path
        Folder that holds the runs.

    Returns
    -------
    spec : Spec
        Of the first run; the others' differ in nothing that `Compared` tells of all.
    contestants : tuple of Contestant
        In the order of `names`.

    Raises
    ------
    UsageError
        A run is not there, incomplete or of another tier; or their tier digests, sample counts, or
        versions of a metric differ.
    """
    folders = [_find(name, tier.name, results) for name in names]
    if len(folders) < 2:
        raise UsageError("name two runs or more")
    if len({folder.resolve() for folder in folders}) < len(folders):
        raise UsageError("a run is named twice")
    runs = [RunFolder(folder) for folder in folders]
    labels = _labels(runs)
    _check(runs, labels, tier.name)
    _check_versions([_versions(run) for run in runs], labels)
    every = zip(runs, labels, strict=True)
    found = tuple(_contestant(run, label, tier.sample_rate) for run, label in every)
    return runs[0].run.spec, found


# --- which runs, and whether they can be compared ------------------------------------------------


def _find(name: str, tier: str, results: Path) -> Path:
    folders = (Path(name), results / tier / slug(name))
    found = next((folder for folder in folders if (folder / "run.json").is_file()), None)
    if found is not None:
        return found
    there = [RunFolder(f).run.spec.row for f in find_runs(results) if f.parent.name == tier]
    raise UsageError(unknown(f"run on {tier} in {results}", name, there))


def _labels(runs: Sequence[RunFolder]) -> list[str]:
    """Names on the board; where two are the same, with their folders."""
    rows = [run.run.spec.row for run in runs]
    return [
        row if rows.count(row) == 1 else f"{row} ({run.folder})"
        for row, run in zip(rows, runs, strict=True)
    ]


def _check(runs: Sequence[RunFolder], labels: Sequence[str], tier: str) -> None:
    def differ(what: str, read: Callable[[RunFolder], object]) -> None:
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
    for run, label in zip(runs, labels, strict=True):
        if missing := summarize(run).missing:
            raise UsageError(f"{label} is incomplete, {missing} attempts are missing; finish it")


def _versions(run: RunFolder) -> dict[str, str]:
    """The version in which each metric was measured.

    Raises
    ------
    UsageError
        Scores of one metric have several.
    """
    found: defaultdict[str, set[str]] = defaultdict(set)
    prompts = run.run.spec.prompts
    for (prompt, _, metric), row in run.latest_scores.items():
        if prompt is None or prompt in prompts:
            found[metric].add(row.version)
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


def _contestant(run: RunFolder, label: str, sample_rate: int) -> Contestant:
    entry = summarize(run)
    there = run.latest_renderings
    renderings = [there[attempt] for attempt in run.attempts if attempt in there]
    notes = [note for row in renderings for note in row.notes]
    rates = Counter(int(said[1]) for note in notes if (said := _RESAMPLED.fullmatch(note)))
    changed = changed_lengths(renderings)
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
        values=_by_prompt(run),
        sets=sets,
    )


def _by_prompt(run: RunFolder) -> dict[str, dict[str, float]]:
    found: defaultdict[str, defaultdict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for prompt, sample in run.attempts:
        for metric in dict.fromkeys(metric for _, _, metric in run.latest_scores):
            row = run.latest_scores.get((prompt, sample, metric))
            if row is not None:
                found[metric][prompt].append(row.value)
    return {
        metric: {prompt: float(np.mean(values)) for prompt, values in prompts.items()}
        for metric, prompts in found.items()
    }
