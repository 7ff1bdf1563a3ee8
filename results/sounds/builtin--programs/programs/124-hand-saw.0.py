"""Rasping noise in long push and lighter pull strokes."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(124)


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


def saw(length, rate=1.25):
    """Teeth rasp through wood: a long push, a lighter pull, noise ground fine by the teeth."""
    t = times(length)
    phase = t * rate % 1
    push = np.clip(np.sin(np.pi * phase / 0.5), 0, 1) * (phase < 0.5)
    pull = np.clip(np.sin(np.pi * (phase - 0.5) / 0.5), 0, 1) * (phase >= 0.5)
    rasp = band(noise(length), 700, 4200, 1) * (1 + 0.4 * drift(length, 160))
    return level(rasp * (push**0.7 + 0.4 * pull + 0.02))


clip = saw(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
