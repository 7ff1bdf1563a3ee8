"""Rain between two moments of silence."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(415)


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


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def fade(x, rise, fall):
    """Ramp in and out, in seconds."""
    a, b = round(rise * SR), round(fall * SR)
    x[:a] *= np.linspace(0, 1, a)
    x[len(x) - b :] *= np.linspace(1, 0, b)
    return x


def rain(length, heavy=1.0):
    """Hiss of drops too many to hear, and thousands of single ones on leaves and paving."""
    hiss = band(noise(length), 500, 6500, 1) * (1 + 0.05 * drift(length, 4))
    drops = np.zeros(round(length * SR))
    count = int(900 * heavy * length)
    drops[rng.integers(0, len(drops), count)] = rng.lognormal(0, 0.8, count)
    splashes = band(drops, 900, 5000, 1)
    low = band(noise(length), 80, 500, 1)
    return level(hiss / hiss.std() + 1.3 * splashes / splashes.std() + 0.45 * low / low.std())


clip = np.zeros(round(SECONDS * SR))
place(clip, fade(rain(4.0), 0.02, 0.02), 2.0)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
