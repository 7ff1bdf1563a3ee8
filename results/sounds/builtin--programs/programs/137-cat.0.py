"""A gliding voice between two mouth shapes."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 4.0
rng = np.random.default_rng(137)


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


def meow(length=0.95, pitch=560):
    """A voice that rises and falls while the mouth opens and closes again."""
    glide = pitch * curve(length, [0, 0.25, 0.6, 1], [0.75, 1.2, 1.05, 0.7])
    source = buzz(glide) + 0.003 * noise(length)
    narrow = formants(source, [(700, 150, 0.8), (2600, 250, 0.6), (3400, 400, 0.2)])
    wide = formants(source, [(1100, 180, 1.0), (1900, 220, 0.8), (3200, 400, 0.2)])
    mouth = curve(length, [0, 0.3, 0.7, 1], [0, 1, 0.8, 0])
    sound = narrow * (1 - mouth) + wide * mouth
    return level(fade(sound * curve(length, [0, 0.15, 0.6, 1], [0, 0.8, 1, 0]), 0.02, 0.06))


clip = np.zeros(round(SECONDS * SR))
place(clip, meow(), 1.2)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
