"""Two band-limited pulse trains a third apart."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 4.0
rng = np.random.default_rng(107)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


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


def honk(length=0.45):
    """Two diaphragms a third apart, harmonics strong to 3 kHz, on and off at once."""
    n = round(length * SR)
    pair = buzz(np.full(n, 415.0)) + 0.9 * buzz(np.full(n, 500.0))
    return level(fade(resonate(pair, 480, 300) + 1.1 * resonate(pair, 1900, 900), 0.012, 0.03))


clip = np.zeros(round(SECONDS * SR))
place(clip, honk(1.3), 0.5)
place(clip, honk(0.7), 2.6)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
