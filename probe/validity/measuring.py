"""Every clip that a validity report rests on, measured.

Costs are bounded: the ladder is climbed on every prompt with a program; damages and changes of the
file are tried on `SAMPLE` prompts spread over the tier, with `PER_METRIC` of each metric's own; the
search for one sound that suits every prompt narrows down in two rounds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from probe.display import Display
from probe.parallel import in_processes
from probe.records import Prompt
from probe.records.metrics import Clip, about
from probe.records.references import References
from probe.score.metrics import score_clip
from probe.validity.damage import DAMAGES, LEVELS, VARIANTS
from probe.validity.expectations import states_level
from probe.validity.material import RUNGS, Material, Pcm

T = TypeVar("T")

SAMPLE = 20
"""Prompts that damages and variants are tried on."""
RECORDED = 12
"""Recordings, placed as a prompt asks, that damages are tried on for metrics that need references.

Such a metric says how like the recordings a sound is; programs may be too unlike them to fall.
"""
PER_METRIC = 6
"""At least so many of them for each metric, where so many ask for it."""
SOUNDS, FIRST_PROMPTS = 60, 8
"""First round of the search: so many sounds, each tried on so many prompts."""
FINALISTS, LAST_PROMPTS = 4, 40
"""Second round: the best of them, each on so many prompts that the first round did not use."""

Values = dict[str, dict[str, float]]
"""Prompt to metric to value."""


class Key(NamedTuple):
    """What was done to a clip: a rung, a damage with its grade, a variant, or a sound tried."""

    section: str
    name: str
    grade: float = 0.0


@dataclass
class Measured:
    """Values of everything that was tried."""

    values: defaultdict[Key, Values] = field(default_factory=lambda: defaultdict(dict))
    sample: tuple[str, ...] = ()
    """Prompts whose programs damages and variants were tried on."""
    recorded: tuple[str, ...] = ()
    """Prompts whose recordings damages were tried on."""
    finalists: tuple[str, ...] = ()
    """Programs whose sound was tried on `last_prompts`, best of the first round first."""
    last_prompts: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    """What a metric could not measure, and why."""

    def of(self, key: Key, metric: str) -> dict[str, float]:
        """Values of one metric, by prompt, in an order that is not that of their arrival."""
        rows = self.values.get(key, {})
        return {p: rows[p][metric] for p in sorted(rows) if metric in rows[p]}


Task = tuple[Key, Prompt]
"""A clip that is to be made and measured."""


class _Job(NamedTuple):
    """One clip to be measured; what is done to it first is done where it is measured."""

    key: Key
    prompt: Prompt
    metrics: tuple[str, ...]
    pcm: Pcm
    rate: int
    references: References | None


class _Done(NamedTuple):
    key: Key
    prompt: str
    values: dict[str, float]
    fault: str | None = None


Spread = Callable[[Callable[[_Job], _Done], Iterable[_Job]], Iterator[_Done]]


def measure(
    material: Material, display: Display | None = None, spread: Spread = in_processes
) -> Measured:
    """Measure everything that a report needs.

    Parameters
    ----------
    material : Material
        What there is to hear.
    display : Display, optional
        Where progress is shown.
    spread : callable
        How a function is applied to many jobs: over processes, or ``map``.
    """
    display = display or Display()
    found = Measured(sample=_sample(material), recorded=_recorded(material))
    faults: list[str] = []

    def do(name: str, tasks: list[Task]) -> None:
        jobs = (_job(material, *task) for task in tasks)
        with display.stage(name, len(tasks)) as stage:
            for done in spread(_work, jobs) if tasks else ():
                found.values[done.key][done.prompt] = done.values
                if done.fault:
                    faults.append(f"{' '.join(map(str, done.key))}, {done.prompt}: {done.fault}")
                stage.advance("failed" if done.fault else "ok")

    tried, first, last = _search_plan(material)
    tasks = [*_ladder(material), *_damages(material, found), *_variants(material, found)]
    do("measure", tasks + _sounds(material, "sound", tried, first))
    found.finalists = _best(material, found, tried, first)
    found.last_prompts = last
    do("one sound", _sounds(material, "one sound", found.finalists, last))
    found.faults = tuple(sorted(faults))
    return found


# --- what is to be done --------------------------------------------------------------------------


def spaced(items: list[T], n: int) -> list[T]:
    """At most `n` of `items`, evenly spaced, first and last among them."""
    if len(items) <= n:
        return items
    return [items[round(i)] for i in np.linspace(0, len(items) - 1, n)]


def _sample(material: Material) -> tuple[str, ...]:
    """Prompts with a program, over all groups and levels, and enough for each metric."""
    there = [material.by_id[prompt] for prompt in material.programs]
    chosen = {prompt.id for prompt in spaced(there, SAMPLE)}
    for metric in material.metrics:
        asked = [prompt for prompt in there if metric.applies_to(prompt, material.references)]
        lacking = PER_METRIC - sum(prompt.id in chosen for prompt in asked)
        more = [prompt for prompt in asked if prompt.id not in chosen]
        chosen |= {prompt.id for prompt in spaced(more, max(0, lacking))}
    return tuple(prompt for prompt in material.programs if prompt in chosen)


def _recorded(material: Material) -> tuple[str, ...]:
    if not any(metric.needs for metric in material.metrics):
        return ()
    there = [p.id for p in material.loaded.prompts if material.covers("real", p)]
    return tuple(spaced(there, RECORDED))


def _ladder(material: Material) -> Iterator[Task]:
    for prompt in material.loaded.prompts:
        for rung in RUNGS:
            if material.covers(rung, prompt):
                yield Key("rung", rung), prompt


def _damages(material: Material, found: Measured) -> Iterator[Task]:
    for section, prompts in (("damage", found.sample), ("real damage", found.recorded)):
        for prompt in map(material.by_id.__getitem__, prompts):
            for damage in DAMAGES.values():
                for grade in damage.grades:
                    yield Key(section, damage.name, grade), prompt


def _variants(material: Material, found: Measured) -> Iterator[Task]:
    for prompt in map(material.by_id.__getitem__, found.sample):
        for variant in VARIANTS:
            if not (variant in LEVELS and states_level(prompt.truth)):
                yield Key("variant", variant), prompt


def _search_plan(
    material: Material,
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Sounds to try, the prompts of the first round, and those of the second."""
    ids = list(material.programs)
    first = spaced(ids, min(FIRST_PROMPTS, len(ids) // 2))
    rest = [prompt for prompt in ids if prompt not in first]
    return tuple(spaced(ids, SOUNDS)), tuple(first), tuple(spaced(rest, LAST_PROMPTS))


def _sounds(
    material: Material, section: str, sounds: Iterable[str], prompts: Iterable[str]
) -> list[Task]:
    """Each sound for each prompt but its own."""
    return [
        (Key(section, sound), material.by_id[prompt])
        for sound in sounds
        for prompt in prompts
        if sound != prompt
    ]


def _best(
    material: Material, found: Measured, sounds: Iterable[str], prompts: Iterable[str]
) -> tuple[str, ...]:
    """The sounds that did best in the first round."""
    primary = about(material.loaded.tier.primary_metric)
    sign = -1 if primary.higher_is_better else 1

    def rank(sound: str) -> float:
        values = found.of(Key("sound", sound), primary.name)
        return sign * float(np.mean([values[p] for p in prompts if p in values] or [np.inf * sign]))

    return tuple(sorted(sounds, key=rank)[:FINALISTS])


# --- doing it ------------------------------------------------------------------------------------


def _job(material: Material, key: Key, prompt: Prompt) -> _Job:
    """A task with all that another process needs for it."""
    references = material.references
    applied = [m for m in material.metrics if m.applies_to(prompt, references)]
    metrics = tuple(metric.name for metric in applied)
    if key.section == "real damage":
        metrics = tuple(metric.name for metric in applied if metric.needs)
        pcm = material.audio("real", prompt)
    elif key.section == "rung":
        pcm = material.audio(key.name, prompt)
    elif key.section in ("damage", "variant"):
        pcm = material.programs[prompt.id]
    else:
        pcm = material.played_for(key.name, prompt)
        metrics = (material.loaded.tier.primary_metric,)
    return _Job(key, prompt, metrics, pcm, material.loaded.tier.sample_rate, references)


def _work(job: _Job) -> _Done:
    """Change a clip and measure it; what fails is a finding and ends nothing."""
    try:
        samples = _changed(job)
    except Exception as error:
        return _Done(job.key, job.prompt.id, {}, _told(error))
    clip = Clip(job.prompt, samples, job.rate, job.references)
    try:
        return _Done(job.key, job.prompt.id, _values(job.metrics, clip))
    except Exception:
        return _one_by_one(job, clip)


def _changed(job: _Job) -> NDArray[np.float64]:
    samples = job.pcm / np.float64(1 << 15)
    if job.key.section in ("damage", "real damage"):
        seed = int.from_bytes(sha256(job.prompt.id.encode()).digest()[:8])
        return DAMAGES[job.key.name].apply(samples, job.rate, job.key.grade, seed)
    if job.key.section == "variant":
        return VARIANTS[job.key.name](samples, job.rate)
    return samples


def _values(metrics: Sequence[str], clip: Clip) -> dict[str, float]:
    return {name: found.value for name, found in score_clip(metrics, clip).items()}


def _one_by_one(job: _Job, clip: Clip) -> _Done:
    """One metric that fails must not cost the others their value."""
    values: dict[str, float] = {}
    faults = []
    for name in job.metrics:
        try:
            values |= _values((name,), clip)
        except Exception as error:
            faults.append(f"{name}: {_told(error)}")
    return _Done(job.key, job.prompt.id, values, "; ".join(faults) or None)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
