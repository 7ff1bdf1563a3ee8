"""Booms with echo and showers of crackles."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(134)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


def band(x, low, high, order=2):
    """Keep what lies between two frequencies."""
    return sosfilt(butter(order, [low, high], "bandpass", fs=SR, output="sos"), x)


def place(clip, sound, at, gain=1.0):
    """Mix a sound into the clip from a moment on."""
    start = round(at * SR)
    sound = sound[: len(clip) - start]
    clip[start : start + len(sound)] += gain * sound


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def firework():
    """A burst: the boom, its echo from the houses, and a shower of crackles."""
    clip = np.zeros(round(1.6 * SR))
    t = times(0.9)
    boom = band(noise(0.9), 40, 350, 1) * np.exp(-t / 0.13)
    snap = band(noise(0.9), 500, 5000, 1) * np.exp(-t / 0.012)
    place(clip, level(boom) + 0.35 * level(snap), 0.0)
    place(clip, level(boom), 0.28, 0.22)
    for at in rng.uniform(0.35, 1.4, 30):
        pop = band(noise(0.03), 1500, 9000, 1) * np.exp(-times(0.03) / 0.003)
        place(clip, level(pop), at, 0.12 * rng.uniform(0.3, 1))
    return clip


clip = np.zeros(round(SECONDS * SR))
for at, size in ((0.8, 1.0), (2.3, 0.8), (4.0, 0.9)):
    place(clip, firework(), at, size)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
