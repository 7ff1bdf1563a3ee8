"""Five rising bubbles."""

import numpy as np
import soundfile

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(408)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def place(clip, sound, at, gain=1.0):
    """Mix a sound into the clip from a moment on."""
    start = round(at * SR)
    sound = sound[: len(clip) - start]
    clip[start : start + len(sound)] += gain * sound


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def drop(pitch=1100):
    """A bubble closed by a drop: a tone that rises slightly while it dies away."""
    t = times(0.2)
    bubble = np.sin(2 * np.pi * pitch * (t + 1.2 * t * t)) * np.exp(-t / 0.022)
    hit = np.sin(2 * np.pi * 2.7 * pitch * t) * np.exp(-t / 0.004)
    return level((bubble + 0.25 * hit) * np.minimum(t / 0.001, 1))


clip = np.zeros(round(SECONDS * SR))
for at in (0.5, 1.6, 2.5, 3.7, 4.8):
    place(clip, drop(), at)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
