"""Whistled notes over a beating drone."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(304)


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


def buzz(pitch):
    """A band-limited train of pulses, all harmonics up to 9 kHz, that follows a pitch in Hz."""
    phase = 2 * np.pi * np.cumsum(pitch) / SR
    count = max(1, int(9000 / pitch.max()))
    below = np.sin(phase / 2)
    below = np.where(np.abs(below) < 1e-6, 1e-6, below)
    return (np.sin((count + 0.5) * phase) / (2 * below) - 0.5) / count


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def fade(x, rise, fall):
    """Ramp in and out, in seconds."""
    a, b = round(rise * SR), round(fall * SR)
    x[:a] *= np.linspace(0, 1, a)
    x[len(x) - b :] *= np.linspace(1, 0, b)
    return x


def formants(x, table):
    """Parallel resonances of a throat: (frequency, width, gain) each."""
    return sum(g * resonate(x, f, w) for f, w, g in table)


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


def propeller(length, rate=88.0):
    """A propeller's drone that beats slowly with the engine's own note, swelling overhead."""
    drone = buzz(rate + 0.3 * drift(length, 2)) + 0.6 * buzz(rate * 1.012 + 0.3 * drift(length, 2))
    body = formants(drone, [(100, 60, 1.0), (270, 150, 0.8), (600, 300, 0.3)])
    roar = band(noise(length), 60, 900, 1)
    swell = curve(length, [0, 0.55, 1], [0.35, 1.0, 0.6])
    return level((body / body.std() + 0.5 * roar / roar.std()) * swell)


clip = 0.5 * song(SECONDS) + 0.5 * propeller(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
