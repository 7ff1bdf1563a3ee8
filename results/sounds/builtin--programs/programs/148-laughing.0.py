"""Falling voiced syllables five times a second."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(148)


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


def laugh(syllables=9, pitch=330):
    """Ha, ha, ha: breath and a falling voice, five syllables a second, each a little lower."""
    clip = np.zeros(round((0.2 * syllables + 0.2) * SR))
    for i in range(syllables):
        fall = pitch * (1.1 - 0.045 * i) * (1 + 0.1 * (i % 4 == 0))
        source = buzz(fall * curve(0.13, [0, 0.3, 1], [0.95, 1.08, 0.85])) + 0.015 * noise(0.13)
        ha = formants(source, [(820, 130, 1.0), (1350, 180, 0.7), (2800, 400, 0.25)])
        place(clip, level(fade(ha * curve(0.13, [0, 0.25, 0.7, 1], [0, 1, 0.8, 0]), 0.01, 0.03)), 0.2 * i, 1 - 0.06 * i)
        h = formants(noise(0.06), [(900, 400, 1.0), (2000, 600, 0.7)])
        place(clip, level(h * np.hanning(len(h))), 0.2 * i + 0.13, 0.08)
    return clip


clip = np.zeros(round(SECONDS * SR))
place(clip, laugh(9), 0.4)
place(clip, laugh(7, 360), 2.8, 0.8)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
