"""Modal heel and sole in an even walk."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(114)


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


def step(pitch=1.0):
    """Heel and sole of a hard shoe: a thud and a clack each, the sole softer."""
    clip = np.zeros(round(0.3 * SR))
    for at, size in ((0.0, 1.0), (0.07, 0.3)):
        thud = ring(0.15, [(110 * pitch, 0.03, 1.0), (260 * pitch, 0.018, 0.6), (820 * pitch, 0.008, 0.3)])
        clack = band(noise(0.15), 1100, 5000, 1) * np.exp(-times(0.15) / 0.009)
        place(clip, 0.45 * level(thud) + level(clack), at, size)
    return level(clip)


clip = np.zeros(round(SECONDS * SR))
for i, at in enumerate(np.arange(0.25, SECONDS - 0.3, 0.55)):
    place(clip, step(1.0 + 0.05 * (i % 2)), at, rng.uniform(0.85, 1))
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
