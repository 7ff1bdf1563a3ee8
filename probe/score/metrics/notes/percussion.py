"""Strokes on things without pitch: when each falls, and where in the spectrum it is.

An onset is a peak of spectral flux. What has grown in the 60 ms after it, against the 30 ms before,
says which ranges were struck: a bass drum is nearly all below 160 Hz, a hi-hat nearly all above
4 kHz, and a snare, a clap or a woodblock has much of its energy between.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from probe.audio import resample
from probe.records.truths.notes import Hit
from probe.score.metrics.notes.onsets import HOP_S, flux_peaks, spectral_flux

Array = NDArray[np.float64]
Strike = tuple[float, frozenset[str]]

TOLERANCE_S = 0.05
"""As for the onsets of notes."""

_RATE = 22050
_LEAD_S = 0.2
_LOW_HZ = 160.0
_HIGH_HZ = 4000.0
_LOW_SHARE = 0.35
_MID_SHARE = 0.3
_HIGH_SHARE = 0.3
_TICK_SHARE = 0.3
_ALONE = 0.9
_FAINT = 1e-3


def strikes(samples: Array, rate: int) -> list[Strike]:
    """Hear the strokes in a clip.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio.
    rate : int
        In Hz.

    Returns
    -------
    list of (float, frozenset of str)
        Onset in s, and the ranges (low, mid, high) that were struck.
    """
    heard = resample(samples - samples.mean(), rate, _RATE)
    peak = float(np.abs(heard).max(initial=0.0))
    if peak < 1e-4:
        return []
    heard = np.pad(heard / peak, (round(_LEAD_S * _RATE), round(_LEAD_S * _RATE)))
    at = flux_peaks(spectral_flux(heard, _RATE)) * HOP_S
    growth = [_growth(heard, time) for time in at]
    most = max((sum(g) for g in growth), default=0.0)
    ticks = [g[2] for g in growth if g[2] > max(_ALONE * sum(g), _FAINT * most)]
    tick = float(np.median(ticks)) if ticks else np.inf
    found: list[Strike] = []
    for time, powers in zip(at, growth, strict=True):
        ranges = _ranges(powers, tick)
        if sum(powers) > _FAINT * most and ranges and (not found or time - found[-1][0] > 0.035):
            found.append((float(time), ranges))
    return [(max(time - _LEAD_S, 0.0), ranges) for time, ranges in found]


def _growth(heard: Array, time: float) -> tuple[float, float, float]:
    """Power that each range gains at `time` (s); none where it gains less than it had."""
    first = round(time * _RATE)
    after = _bands(heard[max(first - 110, 0) : first + round(0.06 * _RATE)])
    before = _bands(heard[max(first - round(0.045 * _RATE), 0) : max(first - 220, 1)])
    low, mid, high = np.where(after > 2 * before, after - before, 0)
    return float(low), float(mid), float(high)


def _bands(piece: Array) -> Array:
    size = 2048
    power = np.abs(np.fft.rfft(piece * np.hanning(len(piece) + 2)[1:-1], size)) ** 2
    hertz = np.fft.rfftfreq(size, 1 / _RATE)
    edges = np.searchsorted(hertz, [30.0, _LOW_HZ, _HIGH_HZ])
    sums = np.add.reduceat(power, edges)
    return np.asarray(sums / max(len(piece), 1))


def _ranges(powers: tuple[float, float, float], tick: float) -> frozenset[str]:
    """Ranges that were struck; `tick` is the power of a stroke of this clip with highs alone.

    A bass drum outweighs a hi-hat struck with it a hundred times, so what counts as highs beside it
    is told by the hi-hat's own strokes. A snare has highs too: a stroke that is strong in the
    middle says nothing of a hi-hat beside it.
    """
    total = sum(powers)
    if total <= 0:
        return frozenset()
    low, mid, high = (power / total for power in powers)
    found = {"low"} if low > _LOW_SHARE else set()
    if mid > _MID_SHARE * (1 - low) and (1 - low) > _MID_SHARE:
        found.add("mid")
    elif high > _HIGH_SHARE or powers[2] > _TICK_SHARE * tick:
        found.add("high")
    return frozenset(found)


def hits_f1(asked: Sequence[Hit], heard: Sequence[Strike]) -> tuple[float, float]:
    """Compare strokes asked for with strokes heard.

    Parameters
    ----------
    asked : sequence of Hit
        At least one. Those at the same time are one stroke with several ranges; a high sound is not
        asked for beside a mid one, which covers it.
    heard : sequence of (float, frozenset of str)
        See `strikes`.

    Returns
    -------
    f1, onsets : float
        F1 of (time, range) pairs with the time within 50 ms, and of times alone.
    """
    times: dict[float, set[str]] = {}
    for hit in asked:
        times.setdefault(hit.onset_s, set()).add(hit.range)
    wanted = [(t, r - {"high"} if "mid" in r else r) for t, r in sorted(times.items())]
    if not heard:
        return 0.0, 0.0
    from mir_eval.util import match_events

    pairs = match_events(
        np.array([t for t, _ in wanted]), np.array([t for t, _ in heard]), TOLERANCE_S
    )
    right = sum(len(wanted[i][1] & heard[j][1]) for i, j in pairs)
    total = sum(len(r) for _, r in wanted) + sum(len(r) for _, r in heard)
    return 2 * right / total, 2 * len(pairs) / (len(wanted) + len(heard))
