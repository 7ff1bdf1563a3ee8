"""Thuds at intervals that shrink by a fifth."""

import numpy as np
import soundfile

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(424)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


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


def bounce():
    """A rubber ball on a wooden floor: a hollow thud."""
    return level(ring(0.12, [(170, 0.02, 1.0), (340, 0.013, 0.6), (690, 0.008, 0.4), (1500, 0.003, 0.3)]))


clip = np.zeros(round(SECONDS * SR))
at, interval, force = 0.4, 0.8, 1.0
for _ in range(7):
    place(clip, bounce(), at, force)
    at, interval, force = at + interval, 0.8 * interval, 0.85 * force
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
