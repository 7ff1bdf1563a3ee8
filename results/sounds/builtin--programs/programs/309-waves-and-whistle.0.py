"""A steady jet tone over foam noise."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(309)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


def noise(seconds):
    return rng.standard_normal(round(seconds * SR))


def band(x, low, high, order=2):
    """Keep what lies between two frequencies."""
    return sosfilt(butter(order, [low, high], "bandpass", fs=SR, output="sos"), x)


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


def surf(length, waves):
    """Noise of foam that grows brighter while each wave breaks: (moment, size) each."""
    t = times(length)
    deep = band(noise(length), 120, 900, 1)
    foam = band(noise(length), 500, 3800, 1)
    swell = sum(size * np.exp(-np.where(t < at, ((t - at) / 0.7) ** 2, (t - at) / 1.3)) for at, size in waves)
    wash = 1 + 0.18 * drift(length, 9)
    return level((deep / deep.std() * (0.28 + swell) + foam / foam.std() * (0.12 + 0.9 * swell**1.4)) * wash)


def whistle(length, pitch=2300):
    """A jet of air against an edge: one steady tone in a little breath."""
    t = times(length)
    tone = np.sin(2 * np.pi * pitch * t + 0.6 * np.sin(2 * np.pi * 5 * t)) * (1 + 0.06 * np.sin(2 * np.pi * 31 * t))
    return level(fade(tone + 0.5 * resonate(noise(length), pitch, 400), 0.03, 0.06))


clip = 0.7 * surf(SECONDS, [(1.4, 0.9), (4.2, 1.0)]) + 0.3 * whistle(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
