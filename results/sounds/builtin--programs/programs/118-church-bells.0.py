"""Inharmonic decaying partials, struck again while they ring."""

import numpy as np
import soundfile

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(118)


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


def bell(length, prime=262.0):
    """Partials of a tuned bell from hum to nominal and above, each in two slightly beating halves."""
    table = [(0.5, 3.0, 0.55), (1.0, 2.2, 0.7), (1.2, 1.9, 0.8), (1.5, 1.4, 0.4), (2.0, 1.5, 1.0),
             (2.5, 0.8, 0.4), (3.0, 0.7, 0.35), (4.0, 0.5, 0.25), (5.2, 0.3, 0.15)]
    halves = [(prime * r * b, d, g) for r, d, g in table for b in (1.0, 1.0016)]
    t = times(length)
    return level(ring(length, halves) * np.minimum(t / 0.002, 1) * np.minimum(1, (length - t) / 0.05))


clip = np.zeros(round(SECONDS * SR))
for at in (0.3, 1.9, 3.5):
    place(clip, bell(SECONDS - at), at)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
