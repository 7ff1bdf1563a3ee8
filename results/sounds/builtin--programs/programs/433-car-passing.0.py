"""Firing pulses through exhaust resonances, played at the times they were emitted."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 7.0
rng = np.random.default_rng(433)


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


def formants(x, table):
    """Parallel resonances of a throat: (frequency, width, gain) each."""
    return sum(g * resonate(x, f, w) for f, w, g in table)


def passing(speed, distance, closest, seconds):
    """Time of emission and distance of what is heard at each moment; sound travels at 343 m/s."""
    s = np.arange(round(seconds * SR)) / SR - closest + distance / 343
    a = 1 - (speed / 343) ** 2
    emitted = (s - np.sqrt(s**2 - a * (s**2 - (distance / 343) ** 2))) / a
    return emitted, np.hypot(distance, speed * emitted)


emitted, far = passing(25, 6, 3, SECONDS)
sound = buzz(np.full(round(4 * SECONDS * SR), 110.0))
sound = level(formants(sound, [(120, 90, 1.0), (240, 120, 0.6), (520, 250, 0.2)]))
clip = np.interp(emitted, np.arange(len(sound)) / SR - 2 * SECONDS, sound) * 6 / far
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
