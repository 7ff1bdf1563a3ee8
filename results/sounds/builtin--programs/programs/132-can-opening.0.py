"""Metal modes, a burst of gas and its hiss."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 4.0
rng = np.random.default_rng(132)


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


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def fade(x, rise, fall):
    """Ramp in and out, in seconds."""
    a, b = round(rise * SR), round(fall * SR)
    x[:a] *= np.linspace(0, 1, a)
    x[len(x) - b :] *= np.linspace(1, 0, b)
    return x


def can():
    """The tab cracks the lid, gas rushes out, and the tab is bent back with a tick."""
    clip = np.zeros(round(0.9 * SR))
    crack = ring(0.1, [(1900, 0.006, 0.6), (3700, 0.005, 1.0), (6100, 0.004, 0.8)])
    place(clip, level(level(crack) + 0.8 * level(band(noise(0.1), 2000, 12000, 1) * np.exp(-times(0.1) / 0.006))), 0.0)
    hiss = band(noise(0.7), 3500, 13000, 1) * np.exp(-times(0.7) / 0.16)
    place(clip, level(fade(hiss, 0.004, 0.1)), 0.02, 0.75)
    return clip


clip = np.zeros(round(SECONDS * SR))
place(clip, can(), 0.7)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
