"""Three voices at stated times."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 7.0
rng = np.random.default_rng(428)


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


def bark(pitch=420):
    """A voiced burst whose pitch jumps up and falls, half of it noise, through a dog's throat."""
    t = times(0.26)
    glide = pitch * curve(0.26, [0, 0.15, 0.5, 1], [0.75, 1.15, 1.0, 0.6])
    source = buzz(glide * (1 + 0.02 * noise(0.26))) * 3 + 0.25 * noise(0.26)
    throat = formants(source, [(620, 160, 1.0), (1050, 180, 0.9), (1750, 300, 0.3), (2900, 500, 0.08)])
    return level(fade(throat * curve(0.26, [0, 0.06, 0.4, 1], [0, 1, 0.7, 0]) ** 1.3, 0.002, 0.03))


def moo(length=1.9):
    """A long low voice, closed at first, then open, its pitch rising and sinking."""
    pitch = curve(length, [0, 0.25, 0.7, 1], [115, 150, 145, 100]) * (1 + 0.006 * drift(length, 30))
    source = buzz(pitch) + 0.004 * noise(length)
    closed = formants(source, [(230, 70, 1.0), (900, 200, 0.08)])
    opened = formants(source, [(330, 80, 1.0), (680, 110, 0.7), (1100, 200, 0.15)])
    mouth = curve(length, [0, 0.3, 0.8, 1], [0, 1, 1, 0.2])
    sound = closed * (1 - mouth) + opened * mouth
    return level(fade(sound * curve(length, [0, 0.12, 0.7, 1], [0, 0.9, 1, 0]), 0.03, 0.1))


def meow(length=0.95, pitch=560):
    """A voice that rises and falls while the mouth opens and closes again."""
    glide = pitch * curve(length, [0, 0.25, 0.6, 1], [0.75, 1.2, 1.05, 0.7])
    source = buzz(glide) + 0.003 * noise(length)
    narrow = formants(source, [(700, 150, 0.8), (2600, 250, 0.6), (3400, 400, 0.2)])
    wide = formants(source, [(1100, 180, 1.0), (1900, 220, 0.8), (3200, 400, 0.2)])
    mouth = curve(length, [0, 0.3, 0.7, 1], [0, 1, 0.8, 0])
    sound = narrow * (1 - mouth) + wide * mouth
    return level(fade(sound * curve(length, [0, 0.15, 0.6, 1], [0, 0.8, 1, 0]), 0.02, 0.06))


clip = np.zeros(round(SECONDS * SR))
place(clip, bark(), 0.8)
place(clip, meow(), 2.5)
place(clip, moo(), 4.2)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
