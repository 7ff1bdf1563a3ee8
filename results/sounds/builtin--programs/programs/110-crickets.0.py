"""Gated near-sines in chirps of four syllables."""

import numpy as np
import soundfile

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(110)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def crickets(length):
    """Two field crickets: chirps of four syllables of a nearly pure tone, slightly apart."""
    t = times(length)
    sound = np.zeros(len(t))
    for pitch, rate, start, gain in ((4350, 2.3, 0.1, 1.0), (4620, 2.05, 0.28, 0.35)):
        phase = (t - start) * rate % 1 / rate
        syllable = np.sin(np.pi * np.clip(phase % 0.033 / 0.02, 0, 1)) ** 2 * (phase < 4 * 0.033)
        sound += gain * syllable * np.sin(2 * np.pi * pitch * t + 0.3 * np.sin(2 * np.pi * 60 * t))
    return level(sound)


clip = crickets(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
