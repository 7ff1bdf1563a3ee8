"""Gusts, a wail between two moments and one bell stroke."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 8.0
rng = np.random.default_rng(319)


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


def wind(length):
    """Noise that falls off with frequency; gusts make it louder and let the edges howl."""
    gust = np.clip(1 + 0.55 * drift(length, 0.9) + 0.12 * drift(length, 5), 0.25, 2.5)
    low = band(noise(length), 50, 320, 1) * gust
    howl = sum(resonate(noise(length), f, 70) * gust**2 for f in (380, 560)) * 1.5
    return level(low + howl)


def wail(length, period=4.0, low=550, high=1350):
    """An electronic siren: a rich tone sweeping up and down, from a horn loudspeaker."""
    sweep = 0.5 - 0.5 * np.cos(2 * np.pi * times(length) / period)
    tone = buzz(low * (high / low) ** sweep)
    return level(formants(tone, [(900, 700, 1.0), (1500, 900, 0.5)]))


def bell(length, prime=262.0):
    """Partials of a tuned bell from hum to nominal and above, each in two slightly beating halves."""
    table = [(0.5, 3.0, 0.55), (1.0, 2.2, 0.7), (1.2, 1.9, 0.8), (1.5, 1.4, 0.4), (2.0, 1.5, 1.0),
             (2.5, 0.8, 0.4), (3.0, 0.7, 0.35), (4.0, 0.5, 0.25), (5.2, 0.3, 0.15)]
    halves = [(prime * r * b, d, g) for r, d, g in table for b in (1.0, 1.0016)]
    t = times(length)
    return level(ring(length, halves) * np.minimum(t / 0.002, 1) * np.minimum(1, (length - t) / 0.05))


clip = np.zeros(round(SECONDS * SR))
clip += 0.3 * wind(SECONDS)
place(clip, fade(wail(3.0, 3.0), 0.02, 0.02), 2.0, 0.6)
place(clip, bell(SECONDS - 6.0), 6.0)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
