"""Microswitch snaps at stated times."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(409)


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


def click():
    """A microswitch: the snap down, and softer the snap up a tenth of a second later."""
    clip = np.zeros(round(0.16 * SR))
    for at, size in ((0.0, 1.0), (0.09, 0.4)):
        snap = band(noise(0.03), 2200, 9000, 1) * np.exp(-times(0.03) / 0.0018)
        body = ring(0.03, [(2700, 0.003, 0.4), (4300, 0.002, 0.3)])
        place(clip, level(snap) + 0.5 * level(body), at, size)
    return clip


clip = np.zeros(round(SECONDS * SR))
for at in (1.0, 1.25, 3.0, 3.25):
    place(clip, click(), at)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
