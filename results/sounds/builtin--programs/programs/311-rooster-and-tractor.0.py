"""A gliding voice over firing pulses."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(311)


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


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


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


def cock_a_doodle():
    """Four syllables on one gliding voice; the last is held and sinks."""
    length = 1.9
    pitch = curve(length, [0, 0.08, 0.14, 0.2, 0.3, 0.42, 0.62, 0.85, 1],
                  [520, 640, 600, 700, 680, 820, 790, 740, 480])
    pitch *= 1 + 0.008 * np.sin(2 * np.pi * 26 * times(length))
    loud = curve(length, [0, 0.02, 0.1, 0.13, 0.16, 0.24, 0.27, 0.31, 0.38, 0.41, 0.46, 0.8, 0.95, 1],
                 [0, 0.6, 0.5, 0.05, 0.7, 0.6, 0.05, 0.8, 0.7, 0.1, 1, 0.9, 0.5, 0])
    source = buzz(pitch) * (1 + 0.2 * drift(length, 90)) + 0.002 * noise(length)
    return level(fade(formants(source, [(850, 260, 0.9), (1550, 300, 1.0), (2700, 500, 0.25)]) * loud, 0.01, 0.05))


def idle(length, rate=42.0):
    """Cylinders fire a little unevenly; exhaust and block give them a low body."""
    firing = rate * (1 + 0.008 * drift(length, 6))
    source = buzz(firing) * (1 + 0.12 * drift(length, 12)) + 0.002 * noise(length)
    return level(formants(source, [(85, 50, 1.0), (190, 60, 0.9), (420, 120, 0.4), (1100, 500, 0.08)]))


clip = np.zeros(round(SECONDS * SR))
clip += 0.5 * idle(SECONDS, 30.0)
place(clip, cock_a_doodle(), 1.8)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
