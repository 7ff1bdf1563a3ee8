"""Trains of clicks ringing in the throat sac."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(141)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


def ring(seconds, modes):
    """Damped sines: (frequency, decay time, gain) each."""
    t = times(seconds)
    return sum(g * np.exp(-t / d) * np.sin(2 * np.pi * f * t) for f, d, g in modes)


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


def croak(length=0.45, rate=48):
    """A train of clicks that ring at two resonances of the throat sac."""
    x = np.zeros(round(length * SR))
    at = np.arange(0.01, length - 0.03, 1 / rate) + rng.uniform(0, 0.002)
    x[(at * SR).astype(int)] = 1 + 0.2 * rng.standard_normal(len(at))
    sound = formants(x, [(560, 60, 1.0), (1250, 120, 0.7), (2100, 250, 0.15)])
    return level(fade(sound * curve(length, [0, 0.3, 0.8, 1], [0.3, 0.9, 1, 0]), 0.005, 0.04))


clip = np.zeros(round(SECONDS * SR))
for at in (0.3, 1.2, 2.0, 3.1, 4.0):
    place(clip, croak(rng.uniform(0.4, 0.5)), at)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
