"""Chirps, thunder, rain and drops in turn."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 10.0
rng = np.random.default_rng(517)


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


def rain(length, heavy=1.0):
    """Hiss of drops too many to hear, and thousands of single ones on leaves and paving."""
    hiss = band(noise(length), 500, 6500, 1) * (1 + 0.05 * drift(length, 4))
    drops = np.zeros(round(length * SR))
    count = int(900 * heavy * length)
    drops[rng.integers(0, len(drops), count)] = rng.lognormal(0, 0.8, count)
    splashes = band(drops, 900, 5000, 1)
    low = band(noise(length), 80, 500, 1)
    return level(hiss / hiss.std() + 1.3 * splashes / splashes.std() + 0.45 * low / low.std())


def crickets(length):
    """Two field crickets: chirps of four syllables of a nearly pure tone, slightly apart."""
    t = times(length)
    sound = np.zeros(len(t))
    for pitch, rate, start, gain in ((4350, 2.3, 0.1, 1.0), (4620, 2.05, 0.28, 0.35)):
        phase = (t - start) * rate % 1 / rate
        syllable = np.sin(np.pi * np.clip(phase % 0.033 / 0.02, 0, 1)) ** 2 * (phase < 4 * 0.033)
        sound += gain * syllable * np.sin(2 * np.pi * pitch * t + 0.3 * np.sin(2 * np.pi * 60 * t))
    return level(sound)


def drop(pitch=1100):
    """A bubble closed by a drop: a tone that rises slightly while it dies away."""
    t = times(0.2)
    bubble = np.sin(2 * np.pi * pitch * (t + 1.2 * t * t)) * np.exp(-t / 0.022)
    hit = np.sin(2 * np.pi * 2.7 * pitch * t) * np.exp(-t / 0.004)
    return level((bubble + 0.25 * hit) * np.minimum(t / 0.001, 1))


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
place(clip, crickets(2.4), 0.0, 0.7)
place(clip, fade(thunder(2.6), 0.01, 0.4), 2.6)
place(clip, fade(rain(2.4), 0.2, 0.4), 5.2, 0.7)
for at in (8.1, 8.7, 9.4):
    place(clip, drop(), at, 0.8)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
