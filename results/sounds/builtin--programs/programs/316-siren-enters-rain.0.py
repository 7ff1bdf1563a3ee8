"""A wail between two moments over rain."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(316)


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


def rain(length, heavy=1.0):
    """Hiss of drops too many to hear, and thousands of single ones on leaves and paving."""
    hiss = band(noise(length), 500, 6500, 1) * (1 + 0.05 * drift(length, 4))
    drops = np.zeros(round(length * SR))
    count = int(900 * heavy * length)
    drops[rng.integers(0, len(drops), count)] = rng.lognormal(0, 0.8, count)
    splashes = band(drops, 900, 5000, 1)
    low = band(noise(length), 80, 500, 1)
    return level(hiss / hiss.std() + 1.3 * splashes / splashes.std() + 0.45 * low / low.std())


def wail(length, period=4.0, low=550, high=1350):
    """An electronic siren: a rich tone sweeping up and down, from a horn loudspeaker."""
    sweep = 0.5 - 0.5 * np.cos(2 * np.pi * times(length) / period)
    tone = buzz(low * (high / low) ** sweep)
    return level(formants(tone, [(900, 700, 1.0), (1500, 900, 0.5)]))


clip = np.zeros(round(SECONDS * SR))
clip += 0.35 * rain(SECONDS)
place(clip, fade(wail(3.0, 3.0), 0.02, 0.02), 3.0, 0.7)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
