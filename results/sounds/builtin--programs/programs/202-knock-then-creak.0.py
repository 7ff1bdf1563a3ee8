"""Modal knocks, then stick-slip impulses."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(202)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


def band(x, low, high, order=2):
    """Keep what lies between two frequencies."""
    return sosfilt(butter(order, [low, high], "bandpass", fs=SR, output="sos"), x)


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


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


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


def knock(force=1.0):
    """A knuckle on a panel: modes of the wood that die within a tenth of a second."""
    wood = ring(0.2, [(125, 0.03, 0.8), (235, 0.025, 1.0), (420, 0.016, 0.6), (760, 0.01, 0.3)])
    tap = band(noise(0.2), 600, 3500, 1) * np.exp(-times(0.2) / 0.003)
    return level(level(wood) + 0.35 * force * level(tap))


def creak(length=1.6):
    """Stick and slip at the hinge: impulses at a wandering rate ring in the panel of the door."""
    rate = curve(length, [0, 0.15, 0.4, 0.55, 0.8, 1], [70, 180, 320, 210, 420, 150])
    rate *= np.clip(1 + 0.08 * drift(length, 15), 0.6, 1.5)
    phase = np.cumsum(rate) / SR
    slips = np.flatnonzero(np.diff(np.floor(phase), prepend=0) > 0)
    x = np.zeros(len(phase))
    x[slips] = np.clip(1 + 0.3 * rng.standard_normal(len(slips)), 0.1, 2)
    sound = formants(x, [(430, 60, 0.7), (880, 80, 1.0), (1350, 90, 1.0), (2400, 200, 0.5)])
    return level(fade(sound * curve(length, [0, 0.1, 0.45, 0.55, 0.8, 1], [0, 0.8, 1, 0.4, 0.9, 0]), 0.02, 0.05))


clip = np.zeros(round(SECONDS * SR))
place(clip, knock(), 0.5)
place(clip, knock(), 0.85)
place(clip, creak(1.9), 2.4)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
