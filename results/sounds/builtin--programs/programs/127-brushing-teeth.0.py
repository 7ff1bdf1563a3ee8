"""Bright noise in brisk strokes."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(127)


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


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def brush(length, rate=4.2):
    """Bristles scrape to and fro: bright noise in strokes, the way back a little weaker."""
    t = times(length)
    stroke = np.abs(np.sin(np.pi * rate * t)) ** 1.6 * (1 - 0.25 * (np.floor(rate * t) % 2))
    scrape = band(noise(length), 1800, 9500, 1) * (1 + 0.25 * drift(length, 80))
    return level(scrape * (0.12 + stroke))


clip = brush(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
