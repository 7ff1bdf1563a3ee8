"""Uneven key clicks, then piezo beeps."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(205)


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


def typing(length):
    """Key after key, eight a second with small hesitations: a click down, a knock of the board."""
    clip = np.zeros(round(length * SR))
    at = 0.05
    while at < length - 0.1:
        key = band(noise(0.05), 1400, 8000, 1) * np.exp(-times(0.05) / rng.uniform(0.002, 0.004))
        board = ring(0.05, [(rng.uniform(500, 800), 0.006, 1.0), (rng.uniform(1500, 2300), 0.004, 0.6)])
        place(clip, level(key) + 0.5 * level(board), at, rng.uniform(0.4, 1.0))
        at += rng.choice([rng.uniform(0.09, 0.16), rng.uniform(0.25, 0.45)], p=[0.85, 0.15])
    return clip


def beep(length=0.09, pitch=2050):
    """A piezo beeper: a clean tone with a little second and third harmonic, switched hard."""
    t = times(length)
    tone = np.sin(2 * np.pi * pitch * t) + 0.2 * np.sin(4 * np.pi * pitch * t) + 0.15 * np.sin(6 * np.pi * pitch * t)
    return level(tone * np.minimum(1, np.minimum(t, length - t) / 0.003))


clip = np.zeros(round(SECONDS * SR))
place(clip, typing(2.8), 0.2)
for i in range(8):
    place(clip, beep(), 3.5 + 0.16 * i + 0.4 * (i >= 4))
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
