"""Bubbles, a hissing can, a fan and a low modal boom."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 9.0
rng = np.random.default_rng(224)


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


def drift(seconds, rate):
    """A random curve that changes its mind `rate` times a second."""
    points = rng.standard_normal(int(seconds * rate) + 3)
    return np.interp(times(seconds) * rate, np.arange(len(points)), points)


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


def pour(length, start=450, end=1100):
    """Bubbles by the hundred, whose pitch rises as the glass fills, in a thin rush of water."""
    clip = 0.16 * band(noise(length), 700, 5000, 1)
    for at in np.sort(rng.uniform(0, length - 0.08, int(170 * length))):
        fill = start * (end / start) ** (at / length)
        f = fill * rng.lognormal(0.25, 0.5)
        t = times(0.06)
        bubble = np.sin(2 * np.pi * f * (t + rng.uniform(0, 2) * t * t)) * np.exp(-t * f / 9)
        place(clip, bubble * np.minimum(t / 0.002, 1), at, rng.lognormal(-1.6, 0.7))
    return level(clip)


def can():
    """The tab cracks the lid, gas rushes out, and the tab is bent back with a tick."""
    clip = np.zeros(round(0.9 * SR))
    crack = ring(0.1, [(1900, 0.006, 0.6), (3700, 0.005, 1.0), (6100, 0.004, 0.8)])
    place(clip, level(level(crack) + 0.8 * level(band(noise(0.1), 2000, 12000, 1) * np.exp(-times(0.1) / 0.006))), 0.0)
    hiss = band(noise(0.7), 3500, 13000, 1) * np.exp(-times(0.7) / 0.16)
    place(clip, level(fade(hiss, 0.004, 0.1)), 0.02, 0.75)
    return clip


def vacuum(length):
    """A fan's whine with its harmonics in a steady broad rush of air."""
    whine = resonate(buzz(np.full(round(length * SR), 310.0)), 620, 500)
    air = band(noise(length), 250, 6500, 1)
    return level(air / air.std() + 0.55 * whine / whine.std())


def slam():
    """A heavy panel meets its frame: a low boom, a clack of the latch."""
    boom = ring(0.5, [(72, 0.09, 1.0), (118, 0.07, 0.9), (205, 0.04, 0.6), (390, 0.025, 0.3)])
    crack = band(noise(0.5), 400, 4000, 1) * np.exp(-times(0.5) / 0.012)
    return level(level(boom) + 0.5 * level(crack))


clip = np.zeros(round(SECONDS * SR))
place(clip, fade(pour(2.2), 0.02, 0.1), 0.1)
place(clip, can(), 3.0)
place(clip, fade(vacuum(2.6), 0.1, 0.3), 4.6)
place(clip, slam(), 7.9)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
