"""A nasal voice with a tremor."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 4.0
rng = np.random.default_rng(139)


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


def bleat(length=0.95, pitch=210):
    """A nasal voice with a tremor of pitch and loudness, about nine times a second."""
    shake = np.sin(2 * np.pi * 9 * times(length))
    source = buzz(pitch * (1 + 0.035 * shake)) + 0.012 * noise(length)
    throat = formants(source, [(750, 120, 1.0), (1350, 160, 0.8), (2600, 300, 0.5), (3500, 400, 0.2)])
    loud = curve(length, [0, 0.08, 0.7, 1], [0, 1, 0.8, 0]) * (1 + 0.45 * shake)
    return level(fade(throat * loud, 0.02, 0.06))


clip = np.zeros(round(SECONDS * SR))
place(clip, bleat(), 1.0)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
