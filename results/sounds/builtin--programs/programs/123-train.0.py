"""Rolling noise and paired clacks of the axles at rail joints."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(123)


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


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def rails(length):
    """Wheels roar; at each rail joint two axles clack in quick succession."""
    roar = band(noise(length), 70, 800, 1) * (1 + 0.12 * drift(length, 2.5))
    clip = roar / roar.std() * 0.22 + 0.02 * band(noise(length), 900, 4000, 1)
    for at in np.arange(0.15, length - 0.4, 0.72):
        for late in (0.0, 0.16):
            clack = ring(0.15, [(180, 0.03, 1.0), (420, 0.02, 0.8), (1100, 0.01, 0.4)])
            place(clip, level(clack), at + late, 0.8)
    return level(clip)


clip = rails(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
