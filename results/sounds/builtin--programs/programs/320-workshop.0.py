"""Hum and slosh; rasping, a slam and shards at stated times."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 9.0
rng = np.random.default_rng(320)


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


def washer(length):
    """Motor hum and its harmonics; water sloshes with each turn of the drum."""
    t = times(length)
    hum = resonate(buzz(100 + 0.4 * drift(length, 3)), 200, 150) + 0.4 * np.sin(2 * np.pi * 50 * t)
    slosh = band(noise(length), 180, 1100, 1) * (0.55 + 0.35 * np.sin(2 * np.pi * 0.9 * t) ** 2)
    return level(hum / hum.std() + 0.8 * slosh / slosh.std() * (1 + 0.1 * drift(length, 8)))


def glass():
    """A crack, then shards that ring apart from each other and settle."""
    clip = np.zeros(round(1.3 * SR))
    crack = band(noise(0.15), 1500, 11000, 1) * np.exp(-times(0.15) / 0.02)
    place(clip, level(crack), 0.0)
    for _ in range(70):
        at = rng.exponential(0.16)
        f = rng.uniform(2200, 7500)
        shard = ring(0.25, [(f, 0.03, 1.0), (f * 1.53, 0.02, 0.6), (f * 2.1, 0.012, 0.4)])
        if at < 1.0:
            place(clip, shard, at, 0.3 * np.exp(-at / 0.3) * rng.uniform(0.3, 1))
    return level(clip)


def saw(length, rate=1.25):
    """Teeth rasp through wood: a long push, a lighter pull, noise ground fine by the teeth."""
    t = times(length)
    phase = t * rate % 1
    push = np.clip(np.sin(np.pi * phase / 0.5), 0, 1) * (phase < 0.5)
    pull = np.clip(np.sin(np.pi * (phase - 0.5) / 0.5), 0, 1) * (phase >= 0.5)
    rasp = band(noise(length), 700, 4200, 1) * (1 + 0.4 * drift(length, 160))
    return level(rasp * (push**0.7 + 0.4 * pull + 0.02))


def slam():
    """A heavy panel meets its frame: a low boom, a clack of the latch."""
    boom = ring(0.5, [(72, 0.09, 1.0), (118, 0.07, 0.9), (205, 0.04, 0.6), (390, 0.025, 0.3)])
    crack = band(noise(0.5), 400, 4000, 1) * np.exp(-times(0.5) / 0.012)
    return level(level(boom) + 0.5 * level(crack))


clip = np.zeros(round(SECONDS * SR))
clip += 0.15 * washer(SECONDS)
place(clip, fade(saw(3.0), 0.02, 0.02), 1.0, 0.6)
place(clip, slam(), 5.5)
place(clip, glass(), 7.0)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
