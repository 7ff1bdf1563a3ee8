"""Modal ticks, piezo beeps, a rush of water."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 9.0
rng = np.random.default_rng(221)


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


def curve(seconds, points, values):
    """Straight lines through values at shares of the time."""
    return np.interp(times(seconds) / seconds, points, values)


def level(x):
    """Bring the peak to 1."""
    return x / np.abs(x).max()


def flush(length):
    """Water rushes in at once, whirls, and gurgles away through the trap."""
    rush = band(noise(length), 180, 1800, 1) + 0.25 * band(noise(length), 1500, 5500, 1)
    rush *= curve(length, [0, 0.05, 0.12, 0.5, 0.75, 1], [0, 0.4, 1, 0.8, 0.2, 0.03])
    gurgle = resonate(noise(length), 310, 60) * np.clip(drift(length, 9), 0, 2)
    gurgle *= curve(length, [0, 0.45, 0.65, 0.85, 1], [0, 0.2, 1, 0.5, 0.05])
    return level(rush * (1 + 0.12 * drift(length, 12)) + 2.5 * gurgle)


def beep(length=0.09, pitch=2050):
    """A piezo beeper: a clean tone with a little second and third harmonic, switched hard."""
    t = times(length)
    tone = np.sin(2 * np.pi * pitch * t) + 0.2 * np.sin(4 * np.pi * pitch * t) + 0.15 * np.sin(6 * np.pi * pitch * t)
    return level(tone * np.minimum(1, np.minimum(t, length - t) / 0.003))


def tick(pitch=1.0):
    """Pallet meets wheel: a few milliseconds of steel, and the wooden case answers."""
    steel = ring(0.12, [(2300 * pitch, 0.006, 1.0), (3900 * pitch, 0.004, 0.6)])
    case = ring(0.12, [(520 * pitch, 0.012, 0.9), (980 * pitch, 0.009, 0.8)])
    snap = band(noise(0.12), 1500, 7000, 1) * np.exp(-times(0.12) / 0.002)
    return level(0.8 * level(steel) + 0.7 * level(case) + 0.5 * level(snap))


clip = np.zeros(round(SECONDS * SR))
for at in np.arange(0.2, 2.6, 0.5):
    place(clip, tick(), at)
for i in range(8):
    place(clip, beep(), 3.1 + 0.16 * i + 0.4 * (i >= 4), 0.8)
place(clip, flush(3.8), 5.2)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
