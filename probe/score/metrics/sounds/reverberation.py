"""How long a room rings: reverberation time by Schroeder's backward integration [1]_.

The energy that is still to come falls by 60 dB in the reverberation time; the slope is taken
between 5 and 25 dB below the start (T20 of ISO 3382-2) and where that much is not heard, between
5 and 15 dB.

.. [1] M. R. Schroeder, "New method of measuring reverberation time", JASA 37, 1965.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

_HOP_S = 0.002
_NOISE_SHARE = 0.1


def reverberation_time(samples: Array, sample_rate: int) -> float | None:
    """Reverberation time of an impulsive sound in a room.

    Parameters
    ----------
    samples : ndarray of float64, shape (n,)
        Mono audio that holds one such sound and its tail.
    sample_rate : int
        In Hz.

    Returns
    -------
    float or None
        In s; None where nothing decays by 15 dB.
    """
    hop = max(1, round(_HOP_S * sample_rate))
    sound = samples - samples.mean() if len(samples) else samples
    energy = np.add.reduceat(sound**2, np.arange(0, len(sound), hop)) if len(sound) else sound
    if len(energy) < 20 or not energy.max() > 0:
        return None
    tail = energy[int(energy.argmax()) :]
    left = np.cumsum(_without_noise(tail)[::-1])[::-1]
    if not left[0] > 0:
        return None
    curve = 10 * np.log10(np.maximum(left / left[0], 1e-12))
    for bottom in (-25.0, -15.0):
        # The last moments of a cut tail fall too fast: they lack what would still have come.
        fit = np.flatnonzero((curve <= -5) & (curve >= bottom))
        if len(fit) >= 3 and curve.min() < bottom - 8:
            slope = np.polyfit(fit * _HOP_S, curve[fit], 1)[0]
            return float(-60 / slope) if slope < 0 else None
    return None


def _without_noise(tail: Array) -> Array:
    """The tail up to where it has sunk into a steady floor, and without that floor's energy."""
    last = tail[-max(5, int(_NOISE_SHARE * len(tail))) :]
    floor = float(np.median(last))
    smooth = np.convolve(tail, np.full(11, 1 / 11), mode="same")
    sunk = np.flatnonzero(smooth < 2 * floor)
    end = int(sunk[0]) if len(sunk) and floor > 0 else len(tail)
    return np.maximum(tail[: max(end, 5)] - floor, 0)
