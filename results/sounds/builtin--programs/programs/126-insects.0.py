"""A wandering pulse train of wing beats."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(126)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


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


def buzzing(length, rate=230):
    """Wing beats whose rate and loudness wander as the insect circles."""
    pitch = rate * (1 + 0.05 * drift(length, 2) + 0.01 * drift(length, 25))
    source = buzz(pitch)
    near = 0.55 + 0.25 * np.clip(drift(length, 1.5), -1, 1.5)
    return level((source + resonate(source, 1400, 900)) * near)


clip = buzzing(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
