"""Gliding whistled notes in phrases."""

import numpy as np
import soundfile

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(145)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def place(clip, sound, at, gain=1.0):
    """Mix a sound into the clip from a moment on."""
    start = round(at * SR)
    sound = sound[: len(clip) - start]
    clip[start : start + len(sound)] += gain * sound


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


def song(length, gap=0.09):
    """Phrases of whistled notes that glide quickly, with pauses between the phrases."""
    clip = np.zeros(round(length * SR))
    at = 0.1
    while at < length - 0.3:
        kind = rng.integers(3)
        top = rng.uniform(3200, 5200)
        for _ in range(rng.integers(3, 7)):
            note = rng.uniform(0.05, 0.11)
            shape = ([1.2, 0.85, 1.05], [0.85, 1.1, 1.0], [1.0, 1.15, 0.9])[kind]
            phase = 2 * np.pi * np.cumsum(top * curve(note, [0, 0.5, 1], shape)) / SR
            tone = np.sin(phase) + 0.06 * np.sin(2 * phase)
            if at < length - note:
                place(clip, tone * np.sin(np.pi * times(note) / note) ** 0.8, at, rng.uniform(0.6, 1))
            at += note + rng.uniform(0.4, 1) * gap
        at += rng.uniform(0.3, 0.6)
    return level(clip)


clip = song(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
