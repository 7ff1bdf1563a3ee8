"""A bell stroke, then applause of one."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 9.0
rng = np.random.default_rng(505)


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


def resonate(x, frequency, width):
    """One resonance with a gain of about 1 at its centre."""
    r = np.exp(-np.pi * width / SR)
    theta = 2 * np.pi * frequency / SR
    gain = (1 - r) * np.sqrt(1 - 2 * r * np.cos(2 * theta) + r * r)
    return lfilter([gain], [1, -2 * r * np.cos(theta), r * r], x)


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def clap():
    """Palms trap air, which rings for some milliseconds; the skin slaps a little brighter."""
    t = times(0.12)
    pitch = rng.uniform(0.93, 1.07)
    slap = noise(0.12) * np.exp(-t / 0.004)
    air = resonate(noise(0.12) * np.exp(-t / 0.006), 1050 * pitch, 350) * 6
    return level(band(0.5 * slap + air, 350, 9000, 1))


def bell(length, prime=262.0):
    """Partials of a tuned bell from hum to nominal and above, each in two slightly beating halves."""
    table = [(0.5, 3.0, 0.55), (1.0, 2.2, 0.7), (1.2, 1.9, 0.8), (1.5, 1.4, 0.4), (2.0, 1.5, 1.0),
             (2.5, 0.8, 0.4), (3.0, 0.7, 0.35), (4.0, 0.5, 0.25), (5.2, 0.3, 0.15)]
    halves = [(prime * r * b, d, g) for r, d, g in table for b in (1.0, 1.0016)]
    t = times(length)
    return level(ring(length, halves) * np.minimum(t / 0.002, 1) * np.minimum(1, (length - t) / 0.05))


clip = np.zeros(round(SECONDS * SR))
place(clip, bell(4.8), 0.4)
for at in np.arange(5.4, 8.7, 0.4):
    place(clip, clap(), at, rng.uniform(0.8, 1))
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
