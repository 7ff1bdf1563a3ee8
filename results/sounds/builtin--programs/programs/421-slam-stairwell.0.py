"""A slam convolved with exponentially decaying noise."""

import numpy as np
import soundfile
from scipy.signal import butter, fftconvolve, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(421)


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


def slam():
    """A heavy panel meets its frame: a low boom, a clack of the latch."""
    boom = ring(0.5, [(72, 0.09, 1.0), (118, 0.07, 0.9), (205, 0.04, 0.6), (390, 0.025, 0.3)])
    crack = band(noise(0.5), 400, 4000, 1) * np.exp(-times(0.5) / 0.012)
    return level(level(boom) + 0.5 * level(crack))


def room(sound, reverberation, dry=1.0):
    """Put a sound into a room: noise that falls by 60 dB in the given time."""
    t = times(1.2 * reverberation)
    tail = band(noise(1.2 * reverberation), 150, 7000, 1) * 10 ** (-3 * t / reverberation)
    wet = fftconvolve(sound, tail)
    wet[: len(sound)] += dry * sound * np.abs(wet).max()
    return level(wet)


clip = np.zeros(round(SECONDS * SR))
place(clip, room(slam(), 1.5), 0.5)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
