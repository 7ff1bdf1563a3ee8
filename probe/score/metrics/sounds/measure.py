"""How well a clip has the sounds it was asked for: their traits, their times and their order.

`event_score` is the likeness times what is right of number, times, order, motion and room, of
which a quarter of the likeness is kept however wrong they are. No part of it is a recognition by
ear: it says that a clip has the physics and the structure of what was asked for.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from probe.records.metrics import Clip, Value
from probe.records.metrics.sounds import DECAY_CAP_OCTAVES, METRICS
from probe.records.truths import SoundsTruth
from probe.score.metrics.sounds.descriptors import Spectrogram, spectrogram
from probe.score.metrics.sounds.events import activity, compare_times, count, heard_attacks
from probe.score.metrics.sounds.motion import passing_errors
from probe.score.metrics.sounds.reverberation import reverberation_time
from probe.score.metrics.sounds.scenes import look

Array = NDArray[np.float64]

PRESENT = 0.5
"""Likeness from which a class counts as present."""
KEPT = 0.25
"""Share of the likeness that a clip keeps although nothing of its structure is right."""
DOPPLER_CREDIT_CENTS = 100.0
"""Mean error at which nothing is left: a sound without any shift has about as much at 20 m/s."""
LEVEL_CREDIT_DB = 5.0
"""Mean error at which nothing is left: a constant level has about as much."""
DECAY_CREDIT_OCTAVES = 0.5
"""Mean error at which nothing is left: a room whose time is 1.4 times as long."""


def measure(names: Sequence[str], clip: Clip) -> dict[str, Value]:
    """Measure the metrics of `names` on a clip; see `probe.records.metrics.sounds`."""
    assert isinstance(clip.prompt.truth, SoundsTruth)
    found = score_sounds(clip.prompt.truth, clip.samples, clip.sample_rate)
    for metric in METRICS:
        if metric.name in names and metric.name not in found:
            raise ValueError(f"{metric.name} does not apply to {clip.prompt.id}")
    return {name: found[name] for name in names}


def score_sounds(truth: SoundsTruth, samples: Array, sample_rate: int) -> dict[str, Value]:
    """Compare a clip with the sounds it was asked for.

    Parameters
    ----------
    truth : SoundsTruth
        What was asked for.
    samples : ndarray of float64, shape (n,)
        Mono audio.
    sample_rate : int
        In Hz.

    Returns
    -------
    dict of str to Value
        Every metric of module ``sounds`` that applies to the truth.
    """
    heard = spectrogram(samples, sample_rate)
    scene = look(truth, heard)
    likeness = float(np.mean(list(scene.likeness.values())))
    rounded = {label: round(value, 4) for label, value in scene.likeness.items()}
    found = {
        "likeness": Value(likeness, {"by_class": rounded}),
        "event_presence": Value(float(np.mean([v >= PRESENT for v in scene.likeness.values()]))),
    }
    credit: dict[str, float] = {}
    if scene.order is not None:
        found["order_accuracy"] = Value(scene.order)
        credit["order"] = scene.order
    if truth.number or truth.timed:
        credit |= _times(truth, heard, found)
    if truth.passing is not None:
        cents, decibels = passing_errors(truth.passing, samples, sample_rate)
        found["doppler_cents"], found["passing_db"] = Value(cents), Value(decibels)
        credit["doppler"] = max(0.0, 1 - cents / DOPPLER_CREDIT_CENTS)
        credit["level"] = max(0.0, 1 - decibels / LEVEL_CREDIT_DB)
    if truth.decays:
        octaves = _decay_octaves(truth, samples, sample_rate)
        found["decay_octaves"] = Value(float(np.mean(octaves)))
        credit["decay"] = float(
            np.mean([max(0.0, 1 - octave / DECAY_CREDIT_OCTAVES) for octave in octaves])
        )
    structure = float(np.mean(list(credit.values()))) if credit else 1.0
    found["event_score"] = Value(
        likeness * (KEPT + (1 - KEPT) * structure),
        {"likeness": round(likeness, 4), "structure": {k: round(v, 4) for k, v in credit.items()}},
    )
    return found


def _times(truth: SoundsTruth, heard: Spectrogram, found: dict[str, Value]) -> dict[str, float]:
    """Number and times of events; adds to `found`, returns what counts."""
    credit: dict[str, float] = {}
    attacks = heard_attacks(heard, truth)
    if truth.number:
        number = count(truth, attacks)
        error = min(1.0, abs(number - truth.number) / truth.number)
        found["count_error"] = Value(error, {"heard": number})
        if not truth.timed:
            credit["count"] = 1 - error
    if truth.marks:
        begun = compare_times(truth, attacks)
        times = [round(attack.time_s, 3) for attack in attacks]
        for ms in (50, 300):
            found[f"event_f1_{ms}ms"] = Value(begun.f1[ms], {"heard_s": times})
            found[f"event_ap_{ms}ms"] = Value(begun.ap[ms])
        found["event_ms"] = Value(begun.error_ms)
        credit["times"] = (begun.f1[50] + begun.f1[300]) / 2
    if truth.timed:
        found["activity"] = Value(activity(truth, heard))
        if truth.passing is None:
            credit["activity"] = found["activity"].value
    return credit


def _decay_octaves(truth: SoundsTruth, samples: Array, sample_rate: int) -> list[float]:
    """Error of each stated reverberation time, in octaves, up to the cap."""
    starts = sorted(event.onset_s or 0.0 for event in truth.events)
    octaves = []
    for event in truth.decays:
        start = event.onset_s or 0.0
        end = min((s for s in starts if s > start), default=len(samples) / sample_rate)
        first, last = round(max(0.0, start - 0.1) * sample_rate), round((end - 0.02) * sample_rate)
        measured = reverberation_time(samples[first:last], sample_rate)
        error = DECAY_CAP_OCTAVES
        if measured is not None and event.decay_s is not None:
            error = min(error, abs(float(np.log2(measured / event.decay_s))))
        octaves.append(error)
    return octaves
