"""A sweeping pulse train through a horn loudspeaker."""

import numpy as np
import soundfile
from scipy.signal import lfilter

SR = 44100
SECONDS = 6.0
rng = np.random.default_rng(108)


def times(seconds):
    return np.arange(round(seconds * SR)) / SR


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


def wail(length, period=4.0, low=550, high=1350):
    """An electronic siren: a rich tone sweeping up and down, from a horn loudspeaker."""
    sweep = 0.5 - 0.5 * np.cos(2 * np.pi * times(length) / period)
    tone = buzz(low * (high / low) ** sweep)
    return level(formants(tone, [(900, 700, 1.0), (1500, 900, 0.5)]))


clip = wail(SECONDS, period=3.0)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
