"""Engine pulses, whistled notes, engine pulses again."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 9.0
rng = np.random.default_rng(220)


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


def song(length, gap=0.09):
    """Phrases of whistled notes that glide quickly, with pauses between the phrases."""
    clip = np.zeros(round(length * SR))
    at = 0.1
    while at < length - 0.3:
        kind = rng.integers(3)
        top = rng.uniform(3200, 5200)
        for _ in range(rng.integers(3, 7)):
            note = rng.uniform(0.05, 0.11)
            shape = ([1.2, 0.85, 1.05], [0.85, 1.1, 1.0], [1.0, 1.15, 0.9])[kind]
            phase = 2 * np.pi * np.cumsum(top * curve(note, [0, 0.5, 1], shape)) / SR
            tone = np.sin(phase) + 0.06 * np.sin(2 * phase)
            if at < length - note:
                place(clip, tone * np.sin(np.pi * times(note) / note) ** 0.8, at, rng.uniform(0.6, 1))
            at += note + rng.uniform(0.4, 1) * gap
        at += rng.uniform(0.3, 0.6)
    return level(clip)


def two_stroke(length, revs):
    """Firing pulses at the given rate in Hz, rough from stroke to stroke, through a small muffler."""
    rate = revs * (1 + 0.01 * drift(length, 60))
    source = buzz(rate) * (1 + 0.35 * drift(length, 110)) + 0.012 * noise(length)
    pipe = formants(source, [(170, 120, 0.9), (520, 200, 0.7), (1300, 500, 0.6), (2900, 900, 0.5)])
    chain = band(noise(length), 1500, 6500, 1) * 0.02 * (revs / revs.max()) ** 2
    return level(pipe * (0.4 + 0.6 * (revs / revs.max()) ** 2) + chain)


clip = np.zeros(round(SECONDS * SR))
for at in (0.0, 6.2):
    revs = curve(2.7, [0, 0.15, 0.7, 1], [110, 155, 160, 120])
    place(clip, fade(two_stroke(2.7, revs), 0.05, 0.2), at)
place(clip, song(3.0), 3.0, 0.6)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
