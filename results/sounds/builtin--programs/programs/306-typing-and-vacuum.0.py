"""Key clicks over a fan in the next room."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(306)


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


def typing(length):
    """Key after key, eight a second with small hesitations: a click down, a knock of the board."""
    clip = np.zeros(round(length * SR))
    at = 0.05
    while at < length - 0.1:
        key = band(noise(0.05), 1400, 8000, 1) * np.exp(-times(0.05) / rng.uniform(0.002, 0.004))
        board = ring(0.05, [(rng.uniform(500, 800), 0.006, 1.0), (rng.uniform(1500, 2300), 0.004, 0.6)])
        place(clip, level(key) + 0.5 * level(board), at, rng.uniform(0.4, 1.0))
        at += rng.choice([rng.uniform(0.09, 0.16), rng.uniform(0.25, 0.45)], p=[0.85, 0.15])
    return clip


def vacuum(length):
    """A fan's whine with its harmonics in a steady broad rush of air."""
    whine = resonate(buzz(np.full(round(length * SR), 310.0)), 620, 500)
    air = band(noise(length), 250, 6500, 1)
    return level(air / air.std() + 0.55 * whine / whine.std())


clip = typing(SECONDS) + 0.12 * vacuum(SECONDS)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
