"""Claps once a second over surf."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 7.0
rng = np.random.default_rng(317)


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


def surf(length, waves):
    """Noise of foam that grows brighter while each wave breaks: (moment, size) each."""
    t = times(length)
    deep = band(noise(length), 120, 900, 1)
    foam = band(noise(length), 500, 3800, 1)
    swell = sum(size * np.exp(-np.where(t < at, ((t - at) / 0.7) ** 2, (t - at) / 1.3)) for at, size in waves)
    wash = 1 + 0.18 * drift(length, 9)
    return level((deep / deep.std() * (0.28 + swell) + foam / foam.std() * (0.12 + 0.9 * swell**1.4)) * wash)


def clap():
    """Palms trap air, which rings for some milliseconds; the skin slaps a little brighter."""
    t = times(0.12)
    pitch = rng.uniform(0.93, 1.07)
    slap = noise(0.12) * np.exp(-t / 0.004)
    air = resonate(noise(0.12) * np.exp(-t / 0.006), 1050 * pitch, 350) * 6
    return level(band(0.5 * slap + air, 350, 9000, 1))


clip = np.zeros(round(SECONDS * SR))
clip += 0.25 * surf(SECONDS, [(0.8, 0.7), (3.9, 0.8), (6.2, 0.6)])
for at in (1.5, 2.5, 3.5, 4.5):
    place(clip, clap(), at)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
