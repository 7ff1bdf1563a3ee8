"""A noise crack and dozens of decaying shards."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 4.0
rng = np.random.default_rng(133)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


def band(x, low, high, order=2):
    """Keep what lies between two frequencies."""
    return sosfilt(butter(order, [low, high], "bandpass", fs=SR, output="sos"), x)


def ring(seconds, modes):
    """Damped sines: (frequency, decay time, gain) each."""
    t = times(seconds)
    return sum(g * np.exp(-t / d) * np.sin(2 * np.pi * f * t) for f, d, g in modes)


def place(clip, sound, at, gain=1.0):
    """Mix a sound into the clip from a moment on."""
    start = round(at * SR)
    sound = sound[: len(clip) - start]
    clip[start : start + len(sound)] += gain * sound


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def glass():
    """A crack, then shards that ring apart from each other and settle."""
    clip = np.zeros(round(1.3 * SR))
    crack = band(noise(0.15), 1500, 11000, 1) * np.exp(-times(0.15) / 0.02)
    place(clip, level(crack), 0.0)
    for _ in range(70):
        at = rng.exponential(0.16)
        f = rng.uniform(2200, 7500)
        shard = ring(0.25, [(f, 0.03, 1.0), (f * 1.53, 0.02, 0.6), (f * 2.1, 0.012, 0.4)])
        if at < 1.0:
            place(clip, shard, at, 0.3 * np.exp(-at / 0.3) * rng.uniform(0.3, 1))
    return level(clip)


clip = np.zeros(round(SECONDS * SR))
place(clip, glass(), 0.8)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
