"""Piezo beeps at stated times."""

import numpy as np
import soundfile

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(426)


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


def beep(length=0.09, pitch=2050):
    """A piezo beeper: a clean tone with a little second and third harmonic, switched hard."""
    t = times(length)
    tone = np.sin(2 * np.pi * pitch * t) + 0.2 * np.sin(4 * np.pi * pitch * t) + 0.15 * np.sin(6 * np.pi * pitch * t)
    return level(tone * np.minimum(1, np.minimum(t, length - t) / 0.003))


clip = np.zeros(round(SECONDS * SR))
for at in (0.5, 1.0, 1.5, 3.0, 4.5, 5.0, 5.5):
    place(clip, beep(0.12), at)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
