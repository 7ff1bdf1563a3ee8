"""Rooster, cow and dog in turn."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(511)


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


def cock_a_doodle():
    """Four syllables on one gliding voice; the last is held and sinks."""
    length = 1.9
    pitch = curve(length, [0, 0.08, 0.14, 0.2, 0.3, 0.42, 0.62, 0.85, 1],
                  [520, 640, 600, 700, 680, 820, 790, 740, 480])
    pitch *= 1 + 0.008 * np.sin(2 * np.pi * 26 * times(length))
    loud = curve(length, [0, 0.02, 0.1, 0.13, 0.16, 0.24, 0.27, 0.31, 0.38, 0.41, 0.46, 0.8, 0.95, 1],
                 [0, 0.6, 0.5, 0.05, 0.7, 0.6, 0.05, 0.8, 0.7, 0.1, 1, 0.9, 0.5, 0])
    source = buzz(pitch) * (1 + 0.2 * drift(length, 90)) + 0.002 * noise(length)
    return level(fade(formants(source, [(850, 260, 0.9), (1550, 300, 1.0), (2700, 500, 0.25)]) * loud, 0.01, 0.05))


def moo(length=1.9):
    """A long low voice, closed at first, then open, its pitch rising and sinking."""
    pitch = curve(length, [0, 0.25, 0.7, 1], [115, 150, 145, 100]) * (1 + 0.006 * drift(length, 30))
    source = buzz(pitch) + 0.004 * noise(length)
    closed = formants(source, [(230, 70, 1.0), (900, 200, 0.08)])
    opened = formants(source, [(330, 80, 1.0), (680, 110, 0.7), (1100, 200, 0.15)])
    mouth = curve(length, [0, 0.3, 0.8, 1], [0, 1, 1, 0.2])
    sound = closed * (1 - mouth) + opened * mouth
    return level(fade(sound * curve(length, [0, 0.12, 0.7, 1], [0, 0.9, 1, 0]), 0.03, 0.1))


clip = np.zeros(round(SECONDS * SR))
place(clip, cock_a_doodle(), 0.4)
place(clip, moo(), 3.0)
place(clip, bark(410), 6.0)
place(clip, bark(430), 6.6)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
