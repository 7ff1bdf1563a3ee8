"""Gusts, then a crack and rolling echoes."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 10.0
rng = np.random.default_rng(506)


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


def resonate(x, frequency, width):
    """One resonance with a gain of about 1 at its centre."""
    r = np.exp(-np.pi * width / SR)
    theta = 2 * np.pi * frequency / SR
    gain = (1 - r) * np.sqrt(1 - 2 * r * np.cos(2 * theta) + r * r)
    return lfilter([gain], [1, -2 * r * np.cos(theta), r * r], x)


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def fade(x, rise, fall):
    """Ramp in and out, in seconds."""
    a, b = round(rise * SR), round(fall * SR)
    x[:a] *= np.linspace(0, 1, a)
    x[len(x) - b :] *= np.linspace(1, 0, b)
    return x


def wind(length):
    """Noise that falls off with frequency; gusts make it louder and let the edges howl."""
    gust = np.clip(1 + 0.55 * drift(length, 0.9) + 0.12 * drift(length, 5), 0.25, 2.5)
    low = band(noise(length), 50, 320, 1) * gust
    howl = sum(resonate(noise(length), f, 70) * gust**2 for f in (380, 560)) * 1.5
    return level(low + howl)


def thunder(length):
    """A crack, then echoes that arrive from ever further along the bolt, ever duller."""
    clip = np.zeros(round(length * SR))
    for at, size, top in ((0.15, 1.0, 900), (0.5, 0.8, 400), (1.2, 0.9, 260), (2.1, 0.5, 190), (3.0, 0.3, 140)):
        if at < length - 0.5:
            t = times(length - at)
            boom = band(noise(length - at), 30, top / 2, 2) * np.exp(-t / 0.6) * np.minimum(t / 0.04, 1)
            place(clip, boom, at, size)
    t = times(0.5)
    crack = band(noise(0.5), 150, 2000, 1) * np.exp(-t / 0.08)
    place(clip, crack, 0.12, 0.2)
    return level(clip)


clip = np.zeros(round(SECONDS * SR))
place(clip, fade(wind(5.2), 0.3, 0.4), 0.0, 0.7)
place(clip, thunder(4.6), 5.4)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
