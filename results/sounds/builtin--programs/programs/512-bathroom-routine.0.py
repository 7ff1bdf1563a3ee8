"""Brisk strokes of bright noise, then a rush of water."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 10.0
rng = np.random.default_rng(512)


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


def resonate(x, frequency, width):
    """One resonance with a gain of about 1 at its centre."""
    r = np.exp(-np.pi * width / SR)
    theta = 2 * np.pi * frequency / SR
    gain = (1 - r) * np.sqrt(1 - 2 * r * np.cos(2 * theta) + r * r)
    return lfilter([gain], [1, -2 * r * np.cos(theta), r * r], x)


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


def fade(x, rise, fall):
    """Ramp in and out, in seconds."""
    a, b = round(rise * SR), round(fall * SR)
    x[:a] *= np.linspace(0, 1, a)
    x[len(x) - b :] *= np.linspace(1, 0, b)
    return x


def flush(length):
    """Water rushes in at once, whirls, and gurgles away through the trap."""
    rush = band(noise(length), 180, 1800, 1) + 0.25 * band(noise(length), 1500, 5500, 1)
    rush *= curve(length, [0, 0.05, 0.12, 0.5, 0.75, 1], [0, 0.4, 1, 0.8, 0.2, 0.03])
    gurgle = resonate(noise(length), 310, 60) * np.clip(drift(length, 9), 0, 2)
    gurgle *= curve(length, [0, 0.45, 0.65, 0.85, 1], [0, 0.2, 1, 0.5, 0.05])
    return level(rush * (1 + 0.12 * drift(length, 12)) + 2.5 * gurgle)


def brush(length, rate=4.2):
    """Bristles scrape to and fro: bright noise in strokes, the way back a little weaker."""
    t = times(length)
    stroke = np.abs(np.sin(np.pi * rate * t)) ** 1.6 * (1 - 0.25 * (np.floor(rate * t) % 2))
    scrape = band(noise(length), 1800, 9500, 1) * (1 + 0.25 * drift(length, 80))
    return level(scrape * (0.12 + stroke))


clip = np.zeros(round(SECONDS * SR))
place(clip, fade(brush(4.2), 0.05, 0.1), 0.2, 0.6)
place(clip, flush(4.6), 5.2)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
