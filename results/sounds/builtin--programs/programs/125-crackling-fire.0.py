"""Fluttering low noise and random bright cracks."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(125)


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


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def fire(length):
    """Flames as low fluttering noise; cracks of wood at random, few of them loud."""
    clip = band(noise(length), 30, 220, 1) * (1 + 0.3 * drift(length, 8)) * 0.9
    clip += 0.02 * band(noise(length), 800, 7000, 1)
    for _ in range(int(9 * length)):
        crack = band(noise(0.03), rng.uniform(700, 2500), rng.uniform(5000, 12000), 1)
        crack *= np.exp(-times(0.03) / rng.uniform(0.002, 0.008))
        place(clip, crack, rng.uniform(0, length - 0.03), rng.lognormal(-1.2, 0.9))
    return level(clip)


clip = fire(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
