"""Foam noise that brightens as each wave breaks."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(119)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


def band(x, low, high, order=2):
    """Keep what lies between two frequencies."""
    return sosfilt(butter(order, [low, high], "bandpass", fs=SR, output="sos"), x)


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


def curve(seconds, points, values):
    """Straight lines through values at shares of the time."""
    return np.interp(times(seconds) / seconds, points, values)


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def surf(length, waves):
    """Noise of foam that grows brighter while each wave breaks: (moment, size) each."""
    t = times(length)
    deep = band(noise(length), 120, 900, 1)
    foam = band(noise(length), 500, 3800, 1)
    swell = sum(size * np.exp(-np.where(t < at, ((t - at) / 0.7) ** 2, (t - at) / 1.3)) for at, size in waves)
    wash = 1 + 0.18 * drift(length, 9)
    return level((deep / deep.std() * (0.28 + swell) + foam / foam.std() * (0.12 + 0.9 * swell**1.4)) * wash)


clip = surf(SECONDS, [(1.3, 0.8), (3.9, 1.0)])
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
