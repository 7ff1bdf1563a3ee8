"""A crack and ever duller echoes of filtered noise."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(120)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


def band(x, low, high, order=2):
    """Keep what lies between two frequencies."""
    return sosfilt(butter(order, [low, high], "bandpass", fs=SR, output="sos"), x)


def place(clip, sound, at, gain=1.0):
    """Mix a sound into the clip from a moment on."""
    start = round(at * SR)
    sound = sound[: len(clip) - start]
    clip[start : start + len(sound)] += gain * sound


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def thunder(length):
    """A crack, then echoes that arrive from ever further along the bolt, ever duller."""
    clip = np.zeros(round(length * SR))
    for at, size, top in ((0.15, 1.0, 900), (0.5, 0.8, 400), (1.2, 0.9, 260), (2.1, 0.5, 190), (3.0, 0.3, 140)):
        if at < length - 0.5:
            t = times(length - at)
            boom = band(noise(length - at), 30, top / 2, 2) * np.exp(-t / 0.6) * np.minimum(t / 0.04, 1)
            place(clip, boom, at, size)
    t = times(0.5)
    crack = band(noise(0.5), 150, 2000, 1) * np.exp(-t / 0.08)
    place(clip, crack, 0.12, 0.2)
    return level(clip)


clip = thunder(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
