"""How far a note's timbre is from that of real notes of the same instrument.

A note is described by numbers that depend on its pitch and its level as little as may be: levels of
its first harmonics against the strongest, what lies between the harmonics, the centre of its
spectrum in harmonics, how fast it rises and how it decays. They are scaled by how much they vary
within an instrument, and a clip's distance to an instrument is that to the nearest of its
recordings, in units of the median distance of a recording to the nearest one of another instrument.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from probe.audio import read_recording, resample
from probe.records.metrics import Clip, Value
from probe.records.metrics.notes import TIMBRE_CAP
from probe.records.references import References
from probe.records.truths import NotesTruth
from probe.score.metrics.notes.contour import pitch_track

Array = NDArray[np.float64]

_RATE = 22050
_HARMONICS = 10
_FLOOR_DB = -60.0
_FRAME_S = 0.01
_HEARD_S = 1.5
_OPEN_DB = -25.0


def measure(names: Sequence[str], clip: Clip) -> dict[str, Value]:
    """Measure ``timbre_distance``; extras carry the label of the nearest recording of all."""
    assert isinstance(clip.prompt.truth, NotesTruth)
    assert clip.references is not None
    label = str(clip.prompt.truth.instrument)
    point = describe(clip.samples, clip.sample_rate)
    value = timbre_distance(point, label, _fitted(clip.references))
    return dict.fromkeys(names, value)


def describe(samples: Array, rate: int, midi: float | None = None) -> Array | None:
    """Describe the first note of a clip.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.
    midi : float, optional
        Its pitch, where it is known.

    Returns
    -------
    ndarray of float64, shape (16,), or None
        None without a pitch.
    """
    heard = resample(samples - samples.mean(), rate, _RATE)
    if midi is None:
        track = pitch_track(heard, _RATE)
        if np.isnan(track).all():
            return None
        midi = float(np.nanmedian(track))
    hertz = 440 * 2 ** ((midi - 69) / 12)
    size = round(_FRAME_S * _RATE)
    frames = heard[: len(heard) // size * size].reshape(-1, size)
    level = 10 * np.log10(np.maximum(np.mean(frames**2, axis=1), 1e-12))
    peak = int(np.argmax(level))
    sounding = np.flatnonzero(level > level[peak] + _OPEN_DB)
    first = int(sounding[0])
    end = min(int(sounding[-1]) + 1, first + round(_HEARD_S / _FRAME_S))
    piece = heard[first * size : max(end, first + 5) * size]
    return np.concatenate([_envelope(level, first, end), _harmonics(piece, hertz)])


def _envelope(level: Array, first: int, end: int) -> Array:
    """Time to 3 dB under the top (log s), and levels 0.1, 0.3 and 0.8 s in, in units of 10 dB."""
    top = float(level[first:end].max())
    rise = int(np.argmax(level[first:end] > top - 3)) + 1
    later = [first + round(t / _FRAME_S) for t in (0.1, 0.3, 0.8)]
    falls = [max(level[min(i, end - 1)] - top, _FLOOR_DB) / 10 for i in later]
    return np.array([2 * np.log10(rise * _FRAME_S), *falls])


def _harmonics(piece: Array, hertz: float) -> Array:
    """Levels of the harmonics in units of 10 dB, centre of the spectrum, share between them."""
    size = 1 << max(14, (2 * len(piece) - 1).bit_length())
    power = np.abs(np.fft.rfft(piece * np.hanning(len(piece) + 2)[1:-1], size)) ** 2
    at = np.fft.rfftfreq(size, 1 / _RATE)
    order = at / hertz
    near = (np.abs(order - np.round(order)) < 0.1) & (order > 0.5)
    levels = np.array(
        [
            power[(order > k - 0.1) & (order < k + 0.1)].sum() if k * hertz < 0.5 * _RATE else 0.0
            for k in range(1, _HARMONICS + 1)
        ]
    )
    heard = (at > 30) & (at < 10_000)
    total = max(float(power[heard].sum()), 1e-20)
    decibel = np.maximum(10 * np.log10(np.maximum(levels, 1e-20) / total), _FLOOR_DB) / 10
    centre = float(np.sum(power[heard] * at[heard])) / total
    between = max(float(power[heard & ~near].sum()) / total, 1e-6)
    return np.array([*decibel, np.log2(centre / hertz + 1), np.log10(between)])


class _Space:
    """Recordings as points, scaled."""

    def __init__(self, labels: list[str], points: Array) -> None:
        self.labels = np.array(labels)
        within = [points[self.labels == label].std(axis=0) for label in set(labels)]
        self.scale = np.maximum(np.median(within, axis=0), 0.1)
        self.points = points / self.scale
        self.unit = float(np.median([self._to_others(i) for i in range(len(points))]))

    def _to_others(self, index: int) -> float:
        """Distance of one recording to the nearest of another instrument."""
        others = self.points[self.labels != self.labels[index]]
        return float(np.linalg.norm(others - self.points[index], axis=1).min())


@lru_cache(maxsize=2)
def _fitted(references: References) -> _Space | None:
    labels, points = [], []
    for clip in references.clips:
        found = describe(read_recording(clip.path, _RATE), _RATE, clip.midi)
        if found is not None:
            labels.append(clip.label)
            points.append(found)
    return _Space(labels, np.array(points)) if len(set(labels)) > 1 else None


def timbre_distance(point: Array | None, label: str, space: _Space | None) -> Value:
    """Distance of a described note to the recordings of `label`; the cap where there are none."""
    if point is None or space is None or label not in space.labels:
        return Value(TIMBRE_CAP)
    far = np.linalg.norm(space.points - point / space.scale, axis=1) / space.unit
    nearest = str(space.labels[int(np.argmin(far))])
    return Value(min(TIMBRE_CAP, float(far[space.labels == label].min())), {"nearest": nearest})
