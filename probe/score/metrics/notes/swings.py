"""Rate and depth of something that swings: a vibrato, a tremolo."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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
