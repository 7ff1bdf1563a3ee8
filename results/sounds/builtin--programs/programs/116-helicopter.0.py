"""Noise gated at the blade rate over turbine hiss."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(116)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


def band(x, low, high, order=2):
    """Keep what lies between two frequencies."""
    return sosfilt(butter(order, [low, high], "bandpass", fs=SR, output="sos"), x)


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def rotor(length, rate=12.0):
    """Blade slap: low noise gated sharply at the blade rate, over the hiss of the turbine."""
    t = times(length)
    slap = np.exp(-((t * rate % 1) - 0.2) ** 2 / 0.012)
    beat = band(noise(length), 70, 420, 1) * (0.2 + slap)
    thump = np.sin(2 * np.pi * 92 * (t * rate % 1) / rate) * slap
    hiss = band(noise(length), 700, 2500, 1) * (0.5 + 0.5 * slap)
    return level(beat / beat.std() + 0.7 * thump / thump.std() + 0.3 * hiss / hiss.std() * (1 + 0.1 * drift(length, 3)))


clip = rotor(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
