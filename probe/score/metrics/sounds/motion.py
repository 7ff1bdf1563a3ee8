"""A source that passes: its pitch and its level against what physics says.

A source at distance r(τ) is heard at t = τ + r(τ)/c, with the pitch f / (1 + r'(τ)/c) and a level
that falls as 1/r [1]_.

.. [1] P. M. Morse, K. U. Ingard, Theoretical Acoustics, 1968, ch. 11: moving sources. The
   convective factor of the level, at most 2 dB at 35 m/s, is left out, as sound designers do.
"""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from probe.audio import resample
from probe.records.metrics.sounds import DOPPLER_CAP_CENTS, LEVEL_CAP_DB
from probe.records.truths.sounds import Passing

Array = NDArray[np.float64]

SPEED_OF_SOUND = 343.0
"""In m/s, air at 20 °C."""

_RATE = 16_000
_HOP_S = 0.05
_WINDOW = 2048
_SIZE = 1 << 15
_HARMONICS = 4
_REACH_CENTS = 500
_STEP_CENTS = 5
_FAINT_DB = 30.0


def heard(passing: Passing, times: Array) -> tuple[Array, Array]:
    """What reaches the listener.

    Parameters
    ----------
    passing : Passing
        The source.
    times : ndarray of float64, shape (n,)
        In s, at the listener.

    Returns
    -------
    pitch : ndarray of float64, shape (n,)
        In Hz.
    level : ndarray of float64, shape (n,)
        In dB, 0 where the source is closest.
    """
    v, d, c = passing.speed_m_s, passing.distance_m, SPEED_OF_SOUND
    # Time since the moment of closest approach, at the listener without the travel over d: solve
    # s = u + sqrt(d² + v²u²)/c for u, the time of emission.
    s = times - passing.closest_s + d / c
    a = 1 - (v / c) ** 2
    root = np.sqrt(np.maximum(s**2 - a * (s**2 - (d / c) ** 2), 0))
    u = (s - root) / a
    r = np.sqrt(d**2 + (v * u) ** 2)
    receding = v**2 * u / r
    return passing.source_hz / (1 + receding / c), -20 * np.log10(r / d)


def passing_errors(
    passing: Passing, samples: Array, sample_rate: int, *, offset_s: float = 0.0
) -> tuple[float, float]:
    """Compare a clip with a source that passes.

    Parameters
    ----------
    passing : Passing
        What was asked for.
    samples : ndarray of float64, shape (n,)
        Mono audio.
    sample_rate : int
        In Hz.
    offset_s : float
        Time of the first sample.

    Returns
    -------
    cents, decibels : float
        Mean absolute errors while the source is asked to be within 30 dB of its loudest; levels
        are compared up to a constant. At their caps for silence.
    """
    sound = resample(samples, sample_rate, _RATE)
    if len(sound) < _WINDOW or not np.any(sound):
        return DOPPLER_CAP_CENTS, LEVEL_CAP_DB
    frames = sliding_window_view(sound, _WINDOW)[:: round(_HOP_S * _RATE)]
    times = offset_s + _WINDOW / 2 / _RATE + np.arange(len(frames)) * _HOP_S
    pitch, level = heard(passing, np.asarray(times, np.float64))
    loud = level > -_FAINT_DB
    power = np.mean(frames**2, axis=1)[loud]
    cents = _cents_off(frames[loud], pitch[loud], passing.source_hz)
    cents[power < power.max() * 1e-5] = DOPPLER_CAP_CENTS
    decibels = 10 * np.log10(np.maximum(power, power.max() * 1e-6)) - level[loud]
    off = np.abs(decibels - np.median(decibels))
    return (
        float(np.minimum(cents, DOPPLER_CAP_CENTS).mean()),
        float(np.minimum(off, LEVEL_CAP_DB).mean()),
    )


def _cents_off(frames: Array, asked: Array, source_hz: float) -> Array:
    """Distance of each frame's pitch, sought within 5 semitones of the source's, from `asked`."""
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(_WINDOW), _SIZE)) ** 0.5
    shifts = np.arange(-_REACH_CENTS, _REACH_CENTS + 1, _STEP_CENTS)
    tried = source_hz * 2 ** (shifts / 1200)
    total = np.zeros((len(frames), len(tried)))
    for k in range(1, _HARMONICS + 1):
        bins = np.round(k * tried * _SIZE / _RATE).astype(int)
        if bins[-1] < spectrum.shape[1]:
            total += spectrum[:, bins] / k**0.5
    clear = total.max(axis=1) > 1.5 * np.median(total, axis=1)
    found = tried[total.argmax(axis=1)]
    return np.where(clear, np.abs(1200 * np.log2(found / asked)), DOPPLER_CAP_CENTS)
