"""A tense voice over hum and slosh."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(307)


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


def cry(length=1.0, pitch=460):
    """One breath of crying: a tense voice that rises fast and falls at the end."""
    glide = pitch * curve(length, [0, 0.12, 0.7, 1], [0.82, 1.06, 1.0, 0.78]) * (1 + 0.012 * drift(length, 25))
    source = buzz(glide) * (1 + 0.2 * drift(length, 40)) + 0.004 * noise(length)
    throat = formants(source, [(1050, 180, 1.0), (1650, 220, 0.7), (3400, 400, 0.7)])
    sob = np.clip(curve(length, [0, 0.08, 0.3, 0.7, 1], [0, 0.7, 1, 0.35, 0]), 0, 1) ** 1.5
    return level(fade(throat * sob * (1 + 0.3 * np.sin(2 * np.pi * 9.5 * times(length))), 0.02, 0.08))


def washer(length):
    """Motor hum and its harmonics; water sloshes with each turn of the drum."""
    t = times(length)
    hum = resonate(buzz(100 + 0.4 * drift(length, 3)), 200, 150) + 0.4 * np.sin(2 * np.pi * 50 * t)
    slosh = band(noise(length), 180, 1100, 1) * (0.55 + 0.35 * np.sin(2 * np.pi * 0.9 * t) ** 2)
    return level(hum / hum.std() + 0.8 * slosh / slosh.std() * (1 + 0.1 * drift(length, 8)))


clip = np.zeros(round(SECONDS * SR))
clip += 0.3 * washer(SECONDS)
for at, length in ((0.3, 1.2), (1.75, 1.1), (3.3, 1.3)):
    place(clip, cry(length), at, 0.9)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
