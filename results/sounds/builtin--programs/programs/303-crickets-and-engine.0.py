"""Gated near-sines over firing pulses."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(303)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


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


def formants(x, table):
    """Parallel resonances of a throat: (frequency, width, gain) each."""
    return sum(g * resonate(x, f, w) for f, w, g in table)


def crickets(length):
    """Two field crickets: chirps of four syllables of a nearly pure tone, slightly apart."""
    t = times(length)
    sound = np.zeros(len(t))
    for pitch, rate, start, gain in ((4350, 2.3, 0.1, 1.0), (4620, 2.05, 0.28, 0.35)):
        phase = (t - start) * rate % 1 / rate
        syllable = np.sin(np.pi * np.clip(phase % 0.033 / 0.02, 0, 1)) ** 2 * (phase < 4 * 0.033)
        sound += gain * syllable * np.sin(2 * np.pi * pitch * t + 0.3 * np.sin(2 * np.pi * 60 * t))
    return level(sound)


def idle(length, rate=42.0):
    """Cylinders fire a little unevenly; exhaust and block give them a low body."""
    firing = rate * (1 + 0.008 * drift(length, 6))
    source = buzz(firing) * (1 + 0.12 * drift(length, 12)) + 0.002 * noise(length)
    return level(formants(source, [(85, 50, 1.0), (190, 60, 0.9), (420, 120, 0.4), (1100, 500, 0.08)]))


clip = 0.5 * crickets(SECONDS) + 0.7 * idle(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
