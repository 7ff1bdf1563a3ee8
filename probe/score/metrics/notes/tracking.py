"""Following one note's partials through time: when it began, was struck again, and ended."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from probe.score.metrics.notes.onsets import HOP_S
from probe.score.metrics.notes.pitches import Pitch

Array = NDArray[np.float64]

_PARTIALS = 5
_WANDERING = 0.03
_FADING_DB = 18.0
_AS_LOW = 0.02
_STEEP_ROWS = 4
_HANN_RISE = 0.486
"""From 10 to 90 % of a step seen through a Hann window, in window lengths."""


@dataclass(frozen=True)
class Track:
    """Levels of a note's strongest partials on a grid of `HOP_S`."""

    start: float
    """Time of the first row, in s."""
    window_s: float
    """Length of the analysis window."""
    partials: Array
    """Amplitude at the frequency of each partial, shape (rows, partials)."""
    drift: Array
    """Momentary frequency over the followed one, less 1, shape (rows,)."""
    level: Array
    """The note's level, 1 where it is as loud as its spectrum was, shape (rows,). Partials whose
    momentary frequency is another's do not count."""

    def rows(self, start: float, end: float) -> slice:
        """Rows from `start` to `end`, both in s; at least one."""
        first = int(np.clip(round((start - self.start) / HOP_S), 0, len(self.level) - 1))
        return slice(first, max(first + 1, round((end - self.start) / HOP_S) + 1))

    def time(self, row: float) -> float:
        """Time of a (fractional) row, in s."""
        return self.start + row * HOP_S


def strongest_partials(pitch: Pitch) -> NDArray[np.intp]:
    """Which partials of `pitch` are followed, strongest first, shape (at most 5,)."""
    return np.argsort(pitch.amplitudes)[::-1][:_PARTIALS]


def follow(
    heard: Array, rate: int, pitch: Pitch, start: float, end: float, spacing_hz: float
) -> Track:
    """Demodulate `pitch` from `start` to `end` (s), apart from what is `spacing_hz` away."""
    strongest = strongest_partials(pitch)
    hertz, weight = pitch.partials[strongest], pitch.amplitudes[strongest]
    window_s = float(np.clip(max(3.0 / pitch.hertz, 2.2 / spacing_hz), 0.022, 0.2))
    size = round(window_s * rate)
    first = round(start * rate) - size // 2
    count = max(3, round((end - start) / HOP_S) + 1)
    starts = first + np.round(np.arange(count) * HOP_S * rate).astype(int)
    lead, tail = max(0, -first), max(0, starts[-1] + size - len(heard))
    piece = heard[max(0, first) : max(0, starts[-1] + size)].astype(np.float32)
    frames = sliding_window_view(np.pad(piece, (lead, tail)), size)[starts - first]
    t = np.arange(size) / rate
    window = np.hanning(size + 2)[1:-1]
    kernel = window[:, None] * np.exp(-2j * np.pi * t[:, None] * hertz) * (2 / window.sum())
    turned = frames @ kernel.real.astype(np.float32) + 1j * (
        frames @ kernel.imag.astype(np.float32)
    )
    turned *= np.exp(-2j * np.pi * (starts / rate)[:, None] * hertz)
    drift = np.zeros(turned.shape)
    drift[:-1] = np.angle(turned[1:] * turned[:-1].conj()) / (2 * np.pi * HOP_S)
    drift[-1] = drift[-2]
    own = np.abs(drift) < np.clip(0.03 * hertz, 4.0, 80.0)
    amplitude = np.abs(turned) / _response(drift * window_s)
    heavy = amplitude * own * weight
    level = heavy.sum(axis=1) / np.sum(weight**2)
    share = np.sum(heavy * drift / hertz, axis=1) / np.maximum(heavy.sum(axis=1), 1e-12)
    return Track(start, window_s, amplitude, share, level)


def _response(bins: Array) -> Array:
    """Gain of a Hann window for a sinusoid `bins` off its centre, no further than one bin."""
    x = np.minimum(np.abs(bins), 0.999)
    return np.asarray(np.sinc(x) / (1 - x**2))


def rise(
    track: Track, level: Array, time: float, since: float = -np.inf, until: float = np.inf
) -> tuple[float, float, float]:
    """Measure how `level`, shape (rows,), grows around `time` (s), from `since` to `until`.

    Returns
    -------
    onset, before, after : float
        When the growth begins (s), the smallest level before it and the largest after it. The onset
        of a linear attack of up to about 0.1 s is found to a few ms: half-way, less half the
        attack's length as the window lets it be seen.
    """
    early = track.rows(min(max(time - 0.06, since), time), time + 0.015)
    floor = level[early].min() + _AS_LOW * level[track.rows(time, min(time + 0.08, until))].max()
    low = early.start + int(np.flatnonzero(level[early] <= floor)[-1])
    late = track.rows(max(time, track.time(low)), min(time + 0.08, until))
    high = late.start + int(np.argmax(level[late]))
    before, after = float(level[low]), float(level[high])
    if high <= low:
        return time, before, after
    climb = np.maximum.accumulate(level[low : high + 1])
    marks = before + np.array([0.1, 0.5, 0.9]) * (after - before)
    steps = climb + 1e-12 * np.arange(len(climb))
    t10, t50, t90 = np.interp(marks, steps, np.arange(len(climb))) * HOP_S
    seen, blur = t90 - t10, _HANN_RISE * track.window_s
    attack = np.sqrt(max(seen**2 - blur**2, 0.0)) / 0.8
    onset = track.time(low) + t50 - attack / 2
    return float(np.clip(onset, time - 0.02, time + 0.045)), before, after


def synchrony(track: Track, time: float) -> float:
    """How much of their steepest growth around `time` (s) the partials have at the same moment.

    A stroke makes all partials grow at once, which gives 1; vibrato through the resonances of a
    body and the beating of many players move each at a time of its own.
    """
    rows = track.rows(time - 0.06, time + 0.06)
    decibel = 20 * np.log10(np.maximum(track.partials[rows], 1e-6))
    growth = decibel[_STEEP_ROWS:] - decibel[:-_STEEP_ROWS]
    if not len(growth):
        return 1.0
    each = float(np.median(growth.max(axis=0)))
    return float(np.median(growth, axis=1).max()) / max(each, 1e-6)


def mean_drift(track: Track, onset: float, offset: float) -> float:
    """Mean of the drift while the note sounds alone in the window, weighted by its level."""
    inside = min(track.window_s / 2, 0.25 * (offset - onset))
    rows = track.rows(onset + inside, offset - inside)
    weight = track.level[rows] ** 2
    return float(np.sum(track.drift[rows] * weight) / max(float(weight.sum()), 1e-12))


def wanders(track: Track, onset: float, offset: float) -> bool:
    """Whether what was followed from `onset` to `offset` (s) is noise rather than a partial.

    Through a narrow band, noise fades in and out (a Rayleigh envelope, with deep nulls) and its
    momentary frequency is anywhere in the band; a note's level runs near a straight line in dB and
    its frequency stays.
    """
    inside = min(track.window_s / 2, 0.25 * (offset - onset))
    rows = track.rows(onset + inside, offset - inside)
    if np.median(np.abs(track.drift[rows])) > _WANDERING:
        return True
    decibel = 20 * np.log10(np.maximum(track.level[rows], 1e-4))
    if len(decibel) * HOP_S < 2 * track.window_s:
        return False
    at = np.arange(len(decibel)) - (len(decibel) - 1) / 2
    slope = np.sum(at * decibel) / np.sum(at**2)
    return bool(np.std(decibel - slope * at) > _FADING_DB)


def ending(track: Track, onset: float) -> float:
    """Offset in s of a note that begins at `onset`; see `transcription`, beside this file."""
    rows = track.rows(onset, track.time(len(track.level)))
    level = track.level[rows]
    top = int(np.argmax(level[: round(0.15 / HOP_S) + 1]))
    peak = np.maximum.accumulate(level)
    dead = np.flatnonzero((level < 0.0316 * peak) & (np.arange(len(level)) > top))
    end = int(dead[0]) if len(dead) else len(level) - 1
    decibel = 20 * np.log10(np.maximum(level[: end + 1], 1e-6))
    knee = _knee(decibel, top)
    return onset + (end if knee is None else knee) * HOP_S


def _knee(decibel: Array, top: int) -> int | None:
    """Row at which the level, in dB, turns to fall much faster than before."""
    reach = round(0.04 / HOP_S)
    best = None
    for row in range(len(decibel) - 1, top + 1, -1):
        tail = decibel[min(row + reach, len(decibel) - 1)] - decibel[row]
        if tail > -9:
            break
        best = row
    if best is None or best - top < 4:
        return best
    before = (decibel[best] - decibel[max(top, best - 4 * reach)]) / (
        best - max(top, best - 4 * reach)
    )
    return best if before > -9 / reach / 2 else None
