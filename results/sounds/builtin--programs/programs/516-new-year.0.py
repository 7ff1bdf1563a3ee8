"""Modal ticks, a bell stroke, bursts of noise."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 10.0
rng = np.random.default_rng(516)


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


def fade(x, rise, fall):
    """Ramp in and out, in seconds."""
    a, b = round(rise * SR), round(fall * SR)
    x[:a] *= np.linspace(0, 1, a)
    x[len(x) - b :] *= np.linspace(1, 0, b)
    return x


def tick(pitch=1.0):
    """Pallet meets wheel: a few milliseconds of steel, and the wooden case answers."""
    steel = ring(0.12, [(2300 * pitch, 0.006, 1.0), (3900 * pitch, 0.004, 0.6)])
    case = ring(0.12, [(520 * pitch, 0.012, 0.9), (980 * pitch, 0.009, 0.8)])
    snap = band(noise(0.12), 1500, 7000, 1) * np.exp(-times(0.12) / 0.002)
    return level(0.8 * level(steel) + 0.7 * level(case) + 0.5 * level(snap))


def bell(length, prime=262.0):
    """Partials of a tuned bell from hum to nominal and above, each in two slightly beating halves."""
    table = [(0.5, 3.0, 0.55), (1.0, 2.2, 0.7), (1.2, 1.9, 0.8), (1.5, 1.4, 0.4), (2.0, 1.5, 1.0),
             (2.5, 0.8, 0.4), (3.0, 0.7, 0.35), (4.0, 0.5, 0.25), (5.2, 0.3, 0.15)]
    halves = [(prime * r * b, d, g) for r, d, g in table for b in (1.0, 1.0016)]
    t = times(length)
    return level(ring(length, halves) * np.minimum(t / 0.002, 1) * np.minimum(1, (length - t) / 0.05))


def firework():
    """A burst: the boom, its echo from the houses, and a shower of crackles."""
    clip = np.zeros(round(1.6 * SR))
    t = times(0.9)
    boom = band(noise(0.9), 40, 350, 1) * np.exp(-t / 0.13)
    snap = band(noise(0.9), 500, 5000, 1) * np.exp(-t / 0.012)
    place(clip, level(boom) + 0.35 * level(snap), 0.0)
    place(clip, level(boom), 0.28, 0.22)
    for at in rng.uniform(0.35, 1.4, 30):
        pop = band(noise(0.03), 1500, 9000, 1) * np.exp(-times(0.03) / 0.003)
        place(clip, level(pop), at, 0.12 * rng.uniform(0.3, 1))
    return clip


clip = np.zeros(round(SECONDS * SR))
for at in np.arange(0.2, 3.0, 0.5):
    place(clip, tick(), at, 0.8)
place(clip, fade(bell(3.0), 0.001, 0.2), 3.3)
for at, size in ((6.7, 1.0), (8.2, 0.8)):
    place(clip, firework(), at, size)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
