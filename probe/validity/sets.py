"""Set metrics, tried on what they compare: whole sets of clips with the recordings.

Half of the recordings stand in for a perfect model and the other half for the reference, so that
what is spoilt by degrees begins where a perfect model would be.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording
from probe.display import Display
from probe.errors import PrerequisiteError
from probe.records.metrics import Metric, about
from probe.score.embedders import open_embedder
from probe.score.embedders.base import Embedder
from probe.score.embedders.batches import Embedded, What, collect, embed_clips
from probe.score.metrics.sets.distance import Distance, SetValue, framewise, set_value
from probe.validity.damage import DAMAGES
from probe.validity.expectations import LEAST_FALL, SLACK
from probe.validity.material import Material
from probe.validity.measuring import spaced

Samples = NDArray[np.float64]

HARMED_BY = ("low-pass", "added noise")
"""Damages that every distance of timbre must mind."""

RECORDINGS = 120
"""Recordings that are used at most, evenly spaced over the folder."""


@dataclass(frozen=True)
class SetFall:
    """Distances of the damaged half of the recordings from the other half, grade by grade."""

    damage: str
    clean: float
    values: tuple[float, ...]
    holds: bool


@dataclass(frozen=True)
class SetFindings:
    """What was found of one set metric."""

    metric: Metric
    rungs: dict[str, SetValue]
    """Each rung's distance from the recordings; `real` is one half of them from the other."""
    order: dict[tuple[str, str], bool]
    """Whether the first rung is nearer than the second: the intervals do not meet."""
    falls: tuple[SetFall, ...]


def try_sets(material: Material, display: Display) -> tuple[SetFindings, ...]:
    """Try the tier's own set metrics, those whose embedder is there; none without references."""
    if material.references is None:
        return ()
    found = []
    for metric in map(about, material.loaded.tier.metrics):
        if metric.scope == "set" and metric.needs == "references":
            try:
                embedder = open_embedder(metric.name.partition("/")[2])
            except PrerequisiteError:
                continue
            found.append(_try(metric, embedder, material, display))
    return tuple(found)


def _try(metric: Metric, embedder: Embedder, material: Material, display: Display) -> SetFindings:
    assert material.references is not None
    rate = material.loaded.tier.sample_rate
    clips = spaced(list(material.references.clips), RECORDINGS)
    recorded = [read_recording(clip.path, rate) for clip in clips]
    one, other = recorded[::2], _embed(embedder, recorded[1::2], rate)
    every = _embed(embedder, recorded, rate)
    with display.stage("sets", 4 + sum(len(DAMAGES[name].grades) for name in HARMED_BY)) as stage:

        def distance(sounds: Iterable[Samples], reference: Embedded) -> SetValue:
            x = _embed(embedder, sounds, rate)
            stage.advance("compared")
            family: Distance = "kad" if metric.name.startswith("kad/") else "fad"
            return set_value(
                *(family, x.rows, reference.rows),
                fingerprint=embedder.fingerprint,
                clips_x=x.clips,
                clips_y=reference.clips,
            )

        rungs = {"real": distance(one, other)}
        for rung in ("program", "noise", "silence"):
            rungs[rung] = distance(_sounds(material, rung), every)
        falls = tuple(
            _fall(
                name,
                rungs["real"].value,
                [
                    distance(_damaged(one, rate, name, grade), other).value
                    for grade in DAMAGES[name].grades
                ],
                worst=max(rungs["noise"].value, rungs["silence"].value),
            )
            for name in HARMED_BY
        )
    pairs = (("real", "program"), ("program", "noise"), ("program", "silence"))
    order = {(a, b): rungs[a].high < rungs[b].low for a, b in pairs}
    return SetFindings(metric, rungs, order, falls)


def _embed(embedder: Embedder, sounds: Iterable[Samples], rate: int) -> Embedded:
    named = ((str(i), samples, rate) for i, samples in enumerate(sounds))
    what: What = "frames" if framewise(embedder.name) else "clip"
    return collect(embed_clips(named, embedder, what=what))


def _sounds(material: Material, rung: str) -> Iterable[Samples]:
    """A rung's clips for the prompts that have a program."""
    for prompt in material.programs:
        yield material.audio(rung, material.by_id[prompt]) / np.float64(1 << 15)


def _damaged(sounds: Iterable[Samples], rate: int, name: str, grade: float) -> Iterable[Samples]:
    for seed, samples in enumerate(sounds):
        yield DAMAGES[name].apply(samples, rate, grade, seed)


def _fall(name: str, clean: float, values: Sequence[float], *, worst: float) -> SetFall:
    """A distance has no cap; its range is from the real half to noise or silence."""
    scale = max(worst - clean, 1e-9)
    steps = np.diff([clean, *values]) / scale
    holds = bool((steps >= -SLACK).all() and (values[-1] - clean) / scale >= LEAST_FALL)
    return SetFall(name, clean, tuple(values), holds)
