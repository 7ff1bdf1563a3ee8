"""Hundreds of decaying bubbles whose pitch rises with the filling glass."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(130)


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


def pour(length, start=450, end=1100):
    """Bubbles by the hundred, whose pitch rises as the glass fills, in a thin rush of water."""
    clip = 0.16 * band(noise(length), 700, 5000, 1)
    for at in np.sort(rng.uniform(0, length - 0.08, int(170 * length))):
        fill = start * (end / start) ** (at / length)
        f = fill * rng.lognormal(0.25, 0.5)
        t = times(0.06)
        bubble = np.sin(2 * np.pi * f * (t + rng.uniform(0, 2) * t * t)) * np.exp(-t * f / 9)
        place(clip, bubble * np.minimum(t / 0.002, 1), at, rng.lognormal(-1.6, 0.7))
    return level(clip)


clip = pour(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
