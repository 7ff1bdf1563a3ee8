"""Fan noise switched off, then gated near-sines."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(206)


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


def crickets(length):
    """Two field crickets: chirps of four syllables of a nearly pure tone, slightly apart."""
    t = times(length)
    sound = np.zeros(len(t))
    for pitch, rate, start, gain in ((4350, 2.3, 0.1, 1.0), (4620, 2.05, 0.28, 0.35)):
        phase = (t - start) * rate % 1 / rate
        syllable = np.sin(np.pi * np.clip(phase % 0.033 / 0.02, 0, 1)) ** 2 * (phase < 4 * 0.033)
        sound += gain * syllable * np.sin(2 * np.pi * pitch * t + 0.3 * np.sin(2 * np.pi * 60 * t))
    return level(sound)


def vacuum(length):
    """A fan's whine with its harmonics in a steady broad rush of air."""
    whine = resonate(buzz(np.full(round(length * SR), 310.0)), 620, 500)
    air = band(noise(length), 250, 6500, 1)
    return level(air / air.std() + 0.55 * whine / whine.std())


clip = np.zeros(round(SECONDS * SR))
place(clip, fade(vacuum(3.6), 0.05, 0.4), 0.0)
place(clip, crickets(4.0), 4.0, 0.8)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
