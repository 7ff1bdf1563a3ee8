"""A plain formant synthesizer: vowels whose truth is known exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

RATE = 16000


def vowel(
    formants: Sequence[float],
    hertz: float | NDArray[np.float64] = 120.0,
    seconds: float = 1.0,
    *,
    voiced: bool = True,
    rate: int = RATE,
) -> NDArray[np.float64]:
    """Pulses (or, in a whisper, noise) through resonators of 80 Hz bandwidth and more."""
    count = round(seconds * rate)
    phase = np.cumsum(np.broadcast_to(hertz, (count,)) / rate)
    source = np.diff(np.floor(phase), prepend=0.0)
    if not voiced:
        source = 0.1 * np.random.default_rng(3).standard_normal(count)
    tilted = lfilter([1.0], [1, -0.9], source)
    for k, f in enumerate([*formants, 3500.0, 4500.0]):
        r = np.exp(-np.pi * (80 + 30 * k) / rate)
        a = [1, -2 * r * np.cos(2 * np.pi * f / rate), r * r]
        tilted = lfilter([sum(a)], a, tilted)
    fade = np.minimum(1, np.minimum(np.arange(count), np.arange(count)[::-1]) / (0.02 * rate))
    return np.asarray(0.5 * fade * tilted / np.abs(tilted).max())


def at(start_s: float, sound: NDArray[np.float64], seconds: float) -> NDArray[np.float64]:
    """A clip of `seconds` at `RATE` with a sound from `start_s` on."""
    clip = np.zeros(round(seconds * RATE))
    first = round(start_s * RATE)
    clip[first : first + len(sound)] = sound
    return clip
