"""Noise through broad mouth resonances, in and out."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(129)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


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


def formants(x, table):
    """Parallel resonances of a throat: (frequency, width, gain) each."""
    return sum(g * resonate(x, f, w) for f, w, g in table)


def breath(length, bright):
    """Air through an open mouth; in is brighter than out."""
    air = formants(noise(length), [(700 * bright, 500, 1.0), (1700 * bright, 700, 1.0), (3300 * bright, 1200, 0.8)])
    return level(fade(air * curve(length, [0, 0.35, 0.6, 1], [0, 1, 0.8, 0]) ** 1.5, 0.02, 0.05))


clip = np.zeros(round(SECONDS * SR))
for at in np.arange(0.2, SECONDS - 1.7, 1.8):
    place(clip, breath(0.75, 1.15), at)
    place(clip, breath(0.85, 0.8), at + 0.85, 0.75)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
