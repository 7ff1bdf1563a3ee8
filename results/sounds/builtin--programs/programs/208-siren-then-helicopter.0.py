"""A sweeping pulse train, then gated noise."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(208)


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


def rotor(length, rate=12.0):
    """Blade slap: low noise gated sharply at the blade rate, over the hiss of the turbine."""
    t = times(length)
    slap = np.exp(-((t * rate % 1) - 0.2) ** 2 / 0.012)
    beat = band(noise(length), 70, 420, 1) * (0.2 + slap)
    thump = np.sin(2 * np.pi * 92 * (t * rate % 1) / rate) * slap
    hiss = band(noise(length), 700, 2500, 1) * (0.5 + 0.5 * slap)
    return level(beat / beat.std() + 0.7 * thump / thump.std() + 0.3 * hiss / hiss.std() * (1 + 0.1 * drift(length, 3)))


def wail(length, period=4.0, low=550, high=1350):
    """An electronic siren: a rich tone sweeping up and down, from a horn loudspeaker."""
    sweep = 0.5 - 0.5 * np.cos(2 * np.pi * times(length) / period)
    tone = buzz(low * (high / low) ** sweep)
    return level(formants(tone, [(900, 700, 1.0), (1500, 900, 0.5)]))


clip = np.zeros(round(SECONDS * SR))
place(clip, fade(wail(3.8, 3.0), 0.05, 0.3), 0.0)
place(clip, fade(rotor(4.0), 0.3, 0.05), 4.0)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
