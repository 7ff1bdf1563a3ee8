"""Slow glottal pulses and snorting noise."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 4.0
rng = np.random.default_rng(140)


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


def buzz(pitch):
    """A band-limited train of pulses, all harmonics up to 9 kHz, that follows a pitch in Hz."""
    phase = 2 * np.pi * np.cumsum(pitch) / SR
    count = max(1, int(9000 / pitch.max()))
    below = np.sin(phase / 2)
    below = np.where(np.abs(below) < 1e-6, 1e-6, below)
    return (np.sin((count + 0.5) * phase) / (2 * below) - 0.5) / count


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


def grunt(length=0.4, rate=70):
    """Slow rough glottal pulses with snorting breath, in a pig's snout."""
    pitch = rate * curve(length, [0, 0.4, 1], [0.8, 1.2, 0.7]) * (1 + 0.12 * noise(length).cumsum() / 300)
    source = buzz(np.clip(pitch, 30, 200)) * 4 + 0.12 * noise(length)
    throat = formants(source, [(280, 90, 1.0), (720, 160, 0.7), (1350, 260, 0.4), (2300, 500, 0.15)])
    return level(fade(throat * curve(length, [0, 0.15, 0.7, 1], [0, 1, 0.8, 0]), 0.01, 0.05))


clip = np.zeros(round(SECONDS * SR))
for at, length in ((0.3, 0.4), (1.1, 0.35), (1.8, 0.5), (3.0, 0.4)):
    place(clip, grunt(length, rng.uniform(60, 85)), at, rng.uniform(0.7, 1))
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
