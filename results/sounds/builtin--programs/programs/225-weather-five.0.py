"""Five textures from filtered noise, bubbles and whistles, cross-cut."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 10.0
rng = np.random.default_rng(225)


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


def curve(seconds, points, values):
    """Straight lines through values at shares of the time."""
    return np.interp(times(seconds) / seconds, points, values)


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


def song(length, gap=0.09):
    """Phrases of whistled notes that glide quickly, with pauses between the phrases."""
    clip = np.zeros(round(length * SR))
    at = 0.1
    while at < length - 0.3:
        kind = rng.integers(3)
        top = rng.uniform(3200, 5200)
        for _ in range(rng.integers(3, 7)):
            note = rng.uniform(0.05, 0.11)
            shape = ([1.2, 0.85, 1.05], [0.85, 1.1, 1.0], [1.0, 1.15, 0.9])[kind]
            phase = 2 * np.pi * np.cumsum(top * curve(note, [0, 0.5, 1], shape)) / SR
            tone = np.sin(phase) + 0.06 * np.sin(2 * phase)
            if at < length - note:
                place(clip, tone * np.sin(np.pi * times(note) / note) ** 0.8, at, rng.uniform(0.6, 1))
            at += note + rng.uniform(0.4, 1) * gap
        at += rng.uniform(0.3, 0.6)
    return level(clip)


def drop(pitch=1100):
    """A bubble closed by a drop: a tone that rises slightly while it dies away."""
    t = times(0.2)
    bubble = np.sin(2 * np.pi * pitch * (t + 1.2 * t * t)) * np.exp(-t / 0.022)
    hit = np.sin(2 * np.pi * 2.7 * pitch * t) * np.exp(-t / 0.004)
    return level((bubble + 0.25 * hit) * np.minimum(t / 0.001, 1))


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
place(clip, fade(wind(2.0), 0.2, 0.3), 0.0)
place(clip, fade(rain(2.0), 0.2, 0.2), 2.0, 0.6)
place(clip, fade(thunder(2.2), 0.01, 0.4), 4.0)
for at in (6.5, 7.0, 7.4):
    place(clip, drop(), at, 0.7)
place(clip, song(2.1), 7.8, 0.7)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
