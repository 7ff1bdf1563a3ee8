"""Typing, two clicks, steps and a slam."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 10.0
rng = np.random.default_rng(515)


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


def click():
    """A microswitch: the snap down, and softer the snap up a tenth of a second later."""
    clip = np.zeros(round(0.16 * SR))
    for at, size in ((0.0, 1.0), (0.09, 0.4)):
        snap = band(noise(0.03), 2200, 9000, 1) * np.exp(-times(0.03) / 0.0018)
        body = ring(0.03, [(2700, 0.003, 0.4), (4300, 0.002, 0.3)])
        place(clip, level(snap) + 0.5 * level(body), at, size)
    return clip


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


def slam():
    """A heavy panel meets its frame: a low boom, a clack of the latch."""
    boom = ring(0.5, [(72, 0.09, 1.0), (118, 0.07, 0.9), (205, 0.04, 0.6), (390, 0.025, 0.3)])
    crack = band(noise(0.5), 400, 4000, 1) * np.exp(-times(0.5) / 0.012)
    return level(level(boom) + 0.5 * level(crack))


clip = np.zeros(round(SECONDS * SR))
place(clip, typing(3.2), 0.1)
place(clip, click(), 4.1)
place(clip, click(), 4.5)
for at in np.arange(5.4, 8.0, 0.52):
    place(clip, step(), at, 0.9)
place(clip, slam(), 8.9)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
