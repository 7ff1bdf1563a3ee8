"""A hissing can, a slurp with gulps, and steps."""

import numpy as np
import soundfile
from scipy.signal import butter, sosfilt

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(508)


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


def step(pitch=1.0):
    """Heel and sole of a hard shoe: a thud and a clack each, the sole softer."""
    clip = np.zeros(round(0.3 * SR))
    for at, size in ((0.0, 1.0), (0.07, 0.3)):
        thud = ring(0.15, [(110 * pitch, 0.03, 1.0), (260 * pitch, 0.018, 0.6), (820 * pitch, 0.008, 0.3)])
        clack = band(noise(0.15), 1100, 5000, 1) * np.exp(-times(0.15) / 0.009)
        place(clip, 0.45 * level(thud) + level(clack), at, size)
    return level(clip)


def sip():
    """A wet slurp, then two dull gulps."""
    clip = np.zeros(round(1.6 * SR))
    slurp = band(noise(0.55), 1300, 6000, 1) * np.clip(0.5 + 0.6 * drift(0.55, 55), 0.05, 2)
    place(clip, level(fade(slurp * curve(0.55, [0, 0.6, 1], [0.2, 1, 0.3]), 0.03, 0.04)), 0.0, 0.8)
    for at in (0.85, 1.2):
        t = times(0.12)
        gulp = np.sin(2 * np.pi * (260 * t + 900 * t * t)) * np.exp(-t / 0.03) * np.minimum(t / 0.01, 1)
        place(clip, level(gulp), at, 0.7)
    return clip


def can():
    """The tab cracks the lid, gas rushes out, and the tab is bent back with a tick."""
    clip = np.zeros(round(0.9 * SR))
    crack = ring(0.1, [(1900, 0.006, 0.6), (3700, 0.005, 1.0), (6100, 0.004, 0.8)])
    place(clip, level(level(crack) + 0.8 * level(band(noise(0.1), 2000, 12000, 1) * np.exp(-times(0.1) / 0.006))), 0.0)
    hiss = band(noise(0.7), 3500, 13000, 1) * np.exp(-times(0.7) / 0.16)
    place(clip, level(fade(hiss, 0.004, 0.1)), 0.02, 0.75)
    return clip


clip = np.zeros(round(SECONDS * SR))
place(clip, can(), 0.4)
place(clip, sip(), 2.2)
for at in np.arange(4.8, 7.6, 0.52):
    place(clip, step(), at, 0.9)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
