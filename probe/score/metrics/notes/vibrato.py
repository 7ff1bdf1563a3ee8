"""Rate and depth of a vibrato, and of a tremolo: the sinusoid in a curve."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from probe.records.truths.notes import Swing
from probe.score.metrics.notes.contour import EDGE_S, HOP_S, times_of

Array = NDArray[np.float64]

SLOWEST_HZ = 1.0
FASTEST_HZ = 20.0
_STEP_HZ = 0.02
_CLEAR = 0.5


class Sine(NamedTuple):
    """A sinusoid found in a curve."""

    rate_hz: float
    depth: float
    """Half the distance of its extremes, in the curve's unit."""


def vibrato(track: Array, line: Array, swing: Swing) -> Sine | None:
    """Rate in Hz and depth in cents of the vibrato heard where `swing` asks for one."""
    times = times_of(track)
    inside = (times >= swing.start_s + EDGE_S) & (times < swing.end_s - EDGE_S)
    with np.errstate(invalid="ignore"):
        there = inside & (np.abs(track - line) < 4)
    if there.sum() < 0.7 * inside.sum():
        return None
    return find_sine(times[there], 100 * (track - line)[there])


def tremolo(samples: Array, rate: int, swing: Swing) -> Sine | None:
    """Rate in Hz and depth (0 to 1) of the tremolo heard where `swing` asks for one."""
    from scipy.signal import oaconvolve

    size = round(0.02 * rate)
    kernel = np.hanning(size + 2)[1:-1]
    kernel /= kernel.sum()
    power = np.maximum(oaconvolve(samples**2, kernel, mode="same"), 0)
    envelope = np.sqrt(2 * power)[:: round(HOP_S * rate)]
    times = np.arange(len(envelope)) * round(HOP_S * rate) / rate
    inside = (times >= swing.start_s + EDGE_S) & (times < swing.end_s - EDGE_S)
    mean = float(envelope[inside].mean()) if inside.any() else 0.0
    if mean < 1e-5:
        return None
    return find_sine(times[inside], envelope[inside] / mean)


def find_sine(times: Array, curve: Array) -> Sine | None:
    """Find the sinusoid that explains most of a curve.

    Parameters
    ----------
    times : ndarray of float64, shape (n,)
        In s, ascending; some may be missing.
    curve : ndarray of float64, shape (n,)
        Any unit. A straight line through it is taken away first.

    Returns
    -------
    Sine or None
        Least squares over rates of 1 to 20 Hz; None when no rate explains half of the variance,
        or when there are too few values to tell.
    """
    if len(times) < 16 or times[-1] - times[0] < 1.2 / FASTEST_HZ:
        return None
    at = times - times.mean()
    flat = curve - np.polyval(np.polyfit(at, curve, 1), at)
    total = float(np.sum(flat**2))
    if total <= 1e-12 * len(flat):
        return None
    slowest = max(SLOWEST_HZ, 1.2 / (at[-1] - at[0]))
    rates = np.arange(slowest, FASTEST_HZ, _STEP_HZ)
    angle = 2 * np.pi * rates[:, None] * at
    c, s = np.cos(angle), np.sin(angle)
    cc, ss, cs = (c * c).sum(axis=1), (s * s).sum(axis=1), (c * s).sum(axis=1)
    xc, xs = c @ flat, s @ flat
    determinant = np.maximum(cc * ss - cs * cs, 1e-9)
    a, b = (xc * ss - xs * cs) / determinant, (xs * cc - xc * cs) / determinant
    explained = a * xc + b * xs
    best = int(np.argmax(explained))
    if explained[best] < _CLEAR * total:
        return None
    return Sine(float(rates[best]), float(np.hypot(a[best], b[best])))
