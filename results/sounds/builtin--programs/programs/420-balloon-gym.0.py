"""A broad pulse in slowly decaying noise."""

import numpy as np
import soundfile
from scipy.signal import butter, fftconvolve, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(420)


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


def pop():
    """The skin of a balloon tears: one broad pulse of a few milliseconds."""
    return level(band(noise(0.05), 200, 9000, 1) * np.exp(-times(0.05) / 0.0025))


def room(sound, reverberation, dry=1.0):
    """Put a sound into a room: noise that falls by 60 dB in the given time."""
    t = times(1.2 * reverberation)
    tail = band(noise(1.2 * reverberation), 150, 7000, 1) * 10 ** (-3 * t / reverberation)
    wet = fftconvolve(sound, tail)
    wet[: len(sound)] += dry * sound * np.abs(wet).max()
    return level(wet)


clip = np.zeros(round(SECONDS * SR))
place(clip, room(pop(), 3.0), 1.0)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
