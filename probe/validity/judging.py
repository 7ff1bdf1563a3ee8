"""From measured values to what holds: every rule of the report, and nothing else.

Means are over prompts, intervals at 95 % by resampling prompts (`probe.stats`), differences paired.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from probe.records.metrics import Metric, about
from probe.stats import Interval, interval
from probe.validity.damage import DAMAGES, VARIANTS
from probe.validity.expectations import LEAST_FALL, ONE_SOUND, SATURATED, SLACK, expectation
from probe.validity.material import RUNGS, Material
from probe.validity.measuring import Key, Measured
from probe.validity.sets import SetFindings

STEPS: tuple[tuple[str, str, bool], ...] = (
    ("real", "program", False),
    ("exact", "program", False),
    ("program", "other", True),
    ("program", "noise", True),
    ("program", "silence", True),
    ("other", "noise", False),
    ("other", "silence", False),
)
"""Better rung, worse rung, and whether the better one must win or only must not lose.

Programs may be as good as the truth, and the program of another prompt as bad as noise.
"""

FEWEST = 3
"""Prompts a claim must rest on; with fewer the values are shown and nothing is claimed."""


@dataclass(frozen=True)
class Step:
    """One rung of the ladder against another, on the prompts both have."""

    better: str
    worse: str
    n: int
    wins: float
    ties: float
    """Shares of the prompts; the rest are losses."""
    gain: Interval
    """Mean advantage of the better rung, positive whichever way the metric goes."""
    holds: bool | None
    """None where nothing is claimed."""


@dataclass(frozen=True)
class Fall:
    """Means of a metric under one damage of the programs, or of the recordings if it needs them."""

    damage: str
    n: int
    clean: float
    means: tuple[float, ...]
    holds: bool | None
    """Whether they fall; None where the metric need not mind."""


@dataclass(frozen=True)
class Stillness:
    """How far a metric moves when only the file changes."""

    variant: str
    n: int
    worst: float
    """Largest change of any prompt's score, in the metric's unit."""
    prompt: str
    tolerance: float
    holds: bool | None


@dataclass(frozen=True)
class MetricFindings:
    """What was found of one metric."""

    metric: Metric
    steps: tuple[Step, ...]
    falls: tuple[Fall, ...]
    stills: tuple[Stillness, ...]


@dataclass(frozen=True)
class OneSound:
    """The program whose sound does best when it is given for every prompt."""

    program: str
    mean: float
    n: int
    floor: float
    """Mean of noise or of silence, whichever is better."""
    ceiling: float
    """Mean of the programs."""
    holds: bool | None


@dataclass(frozen=True)
class Level:
    """Scores of one source at one level of difficulty."""

    level: int
    mean: Interval
    quartiles: tuple[float, float, float, float, float]
    """Least, quarter, half, three quarters, most."""
    saturated: bool


@dataclass(frozen=True)
class Source:
    """Where scores come from: a rung, or a recorded run."""

    name: str
    levels: tuple[Level, ...]


@dataclass(frozen=True)
class Findings:
    """All that a report says."""

    material: Material
    metrics: tuple[MetricFindings, ...]
    one_sound: OneSound | None
    sources: tuple[Source, ...]
    sets: tuple[SetFindings, ...]
    sample: tuple[str, ...]
    faults: tuple[str, ...]

    @property
    def tried(self) -> list[Metric]:
        """Every metric that something was found of."""
        return [*(found.metric for found in self.metrics), *(found.metric for found in self.sets)]


def judge(
    material: Material,
    measured: Measured,
    runs: Mapping[str, Mapping[str, float]] | None = None,
    sets: tuple[SetFindings, ...] = (),
) -> Findings:
    """Apply every rule.

    Parameters
    ----------
    material : Material
        What was heard.
    measured : Measured
        What came of it.
    runs : mapping, optional
        Scores of the primary metric by prompt of recorded runs, by the name of the run.
    sets : tuple of SetFindings
        From `probe.validity.sets`, which judges as it goes.
    """
    return Findings(
        material=material,
        metrics=tuple(_metric(metric, measured) for metric in material.metrics),
        one_sound=_one_sound(material, measured),
        sources=tuple(_sources(material, measured, runs or {})),
        sets=sets,
        sample=measured.sample,
        faults=(*material.faults, *measured.faults),
    )


def _metric(metric: Metric, measured: Measured) -> MetricFindings:
    rungs = {rung: measured.of(Key("rung", rung), metric.name) for rung in RUNGS}
    steps = (_step(metric, *step, rungs) for step in STEPS)
    return MetricFindings(
        metric=metric,
        steps=tuple(step for step in steps if step is not None),
        falls=tuple(_falls(metric, measured, rungs["real" if metric.needs else "program"])),
        stills=tuple(_stills(metric, measured, rungs["program"])),
    )


def _step(
    metric: Metric, better: str, worse: str, must_win: bool, rungs: Mapping[str, dict[str, float]]
) -> Step | None:
    shared = [prompt for prompt in rungs[better] if prompt in rungs[worse]]
    if not shared:
        return None
    sign = 1.0 if metric.higher_is_better else -1.0
    gains = sign * np.array([rungs[better][p] - rungs[worse][p] for p in shared])
    equal = np.abs(gains) <= 1e-9
    found = interval(gains)
    expected = expectation(metric.name)
    free = (better, worse) in expected.unordered or better in {"real", "exact"} - {expected.top}
    slack = 0.0 if must_win else SLACK * expected.range_of(metric)
    holds = found.low > 0 if must_win else found.high >= -slack
    return Step(
        better=better,
        worse=worse,
        n=len(shared),
        wins=float(np.mean((gains > 0) & ~equal)),
        ties=float(np.mean(equal)),
        gain=found,
        holds=None if free or len(shared) < FEWEST else bool(holds),
    )


def _falls(metric: Metric, measured: Measured, clean: Mapping[str, float]) -> Iterable[Fall]:
    expected = expectation(metric.name)
    scale = expected.range_of(metric)
    sign = 1.0 if metric.higher_is_better else -1.0
    section = "real damage" if metric.needs else "damage"
    prompts = measured.recorded if metric.needs else measured.sample
    for damage in DAMAGES.values():
        grades = [measured.of(Key(section, damage.name, g), metric.name) for g in damage.grades]
        shared = [p for p in prompts if p in clean and all(p in row for row in grades)]
        if not shared:
            continue
        means = [float(np.mean([row[p] for p in shared])) for row in (clean, *grades)]
        rises = sign * np.diff(means) / scale
        fall = sign * (means[0] - means[-1]) / scale
        holds = bool((rises <= SLACK).all() and fall >= LEAST_FALL)
        claimed = damage.name in expected.harmed_by and len(shared) >= FEWEST
        yield Fall(
            damage=damage.name,
            n=len(shared),
            clean=means[0],
            means=tuple(means[1:]),
            holds=holds if claimed else None,
        )


def _stills(metric: Metric, measured: Measured, clean: Mapping[str, float]) -> Iterable[Stillness]:
    expected = expectation(metric.name)
    tolerance = expected.tolerance * expected.range_of(metric)
    for variant in VARIANTS:
        values = measured.of(Key("variant", variant), metric.name)
        moves = {
            p: abs(values[p] - clean[p]) for p in measured.sample if p in values and p in clean
        }
        if not moves:
            continue
        worst = max(moves, key=lambda p: moves[p])
        yield Stillness(
            variant=variant,
            n=len(moves),
            worst=float(moves[worst]),
            prompt=worst,
            tolerance=tolerance,
            holds=bool(moves[worst] <= tolerance),
        )


def _one_sound(material: Material, measured: Measured) -> OneSound | None:
    """The best finalist against where noise and the programs stand, on the same prompts."""
    primary = about(material.loaded.tier.primary_metric)
    sign = 1.0 if primary.higher_is_better else -1.0
    needed = ("program", "noise", "silence")
    rungs = {rung: measured.of(Key("rung", rung), primary.name) for rung in needed}
    best: OneSound | None = None
    for program in measured.finalists:
        values = measured.of(Key("one sound", program), primary.name)
        shared = [p for p in values if all(p in rungs[rung] for rung in needed)]
        if not shared:
            continue
        mean = {rung: float(np.mean([rungs[rung][p] for p in shared])) for rung in needed}
        floor = max((mean["noise"], mean["silence"]), key=lambda value: sign * value)
        score = float(np.mean([values[p] for p in shared]))
        way = sign * (mean["program"] - floor)
        holds = way > 0 and sign * (score - floor) <= ONE_SOUND * way
        if best is None or sign * score > sign * best.mean:
            claimed = len(shared) >= FEWEST
            best = OneSound(
                *(program, score, len(shared), floor, mean["program"]),
                holds=bool(holds) if claimed else None,
            )
    return best


def _sources(
    material: Material, measured: Measured, runs: Mapping[str, Mapping[str, float]]
) -> Iterable[Source]:
    primary = about(material.loaded.tier.primary_metric)
    rungs = {rung: measured.of(Key("rung", rung), primary.name) for rung in RUNGS}
    for name, values in (rungs | dict(runs)).items():
        if values:
            yield Source(name, tuple(_levels(material, primary, values)))


def _levels(material: Material, primary: Metric, values: Mapping[str, float]) -> Iterable[Level]:
    expected = expectation(primary.name)
    best, scale = expected.best_of(primary), expected.range_of(primary)
    prompts = material.loaded.prompts
    for level in sorted({prompt.level for prompt in prompts}):
        there = np.array([values[p.id] for p in prompts if p.level == level and p.id in values])
        if not len(there):
            continue
        mean = interval(there)
        # The end of the interval that is further from perfect, as a share of the range.
        worst = max(abs(best - mean.low), abs(best - mean.high))
        yield Level(
            level=level,
            mean=mean,
            quartiles=tuple(np.quantile(there, (0, 0.25, 0.5, 0.75, 1)).tolist()),
            saturated=bool(1 - worst / scale >= SATURATED and len(there) >= FEWEST),
        )


def verdict(claims: Sequence[bool | None]) -> bool | None:
    """Whether all of what is claimed holds; None where nothing is."""
    made = [claim for claim in claims if claim is not None]
    return all(made) if made else None
