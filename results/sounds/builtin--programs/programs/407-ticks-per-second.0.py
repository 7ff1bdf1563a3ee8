"""Modal ticks on a grid of one second."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(407)


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


def tick(pitch=1.0):
    """Pallet meets wheel: a few milliseconds of steel, and the wooden case answers."""
    steel = ring(0.12, [(2300 * pitch, 0.006, 1.0), (3900 * pitch, 0.004, 0.6)])
    case = ring(0.12, [(520 * pitch, 0.012, 0.9), (980 * pitch, 0.009, 0.8)])
    snap = band(noise(0.12), 1500, 7000, 1) * np.exp(-times(0.12) / 0.002)
    return level(0.8 * level(steel) + 0.7 * level(case) + 0.5 * level(snap))


clip = np.zeros(round(SECONDS * SR))
for at in np.arange(0.5, 6.0):
    place(clip, tick(), at)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
