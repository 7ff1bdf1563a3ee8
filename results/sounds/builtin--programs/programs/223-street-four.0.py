"""Steps, a horn, a wail and shards in a row."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 9.0
rng = np.random.default_rng(223)


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


def fade(x, rise, fall):
    """Ramp in and out, in seconds."""
    a, b = round(rise * SR), round(fall * SR)
    x[:a] *= np.linspace(0, 1, a)
    x[len(x) - b :] *= np.linspace(1, 0, b)
    return x


def formants(x, table):
    """Parallel resonances of a throat: (frequency, width, gain) each."""
    return sum(g * resonate(x, f, w) for f, w, g in table)


def step(pitch=1.0):
    """Heel and sole of a hard shoe: a thud and a clack each, the sole softer."""
    clip = np.zeros(round(0.3 * SR))
    for at, size in ((0.0, 1.0), (0.07, 0.3)):
        thud = ring(0.15, [(110 * pitch, 0.03, 1.0), (260 * pitch, 0.018, 0.6), (820 * pitch, 0.008, 0.3)])
        clack = band(noise(0.15), 1100, 5000, 1) * np.exp(-times(0.15) / 0.009)
        place(clip, 0.45 * level(thud) + level(clack), at, size)
    return level(clip)


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


def wail(length, period=4.0, low=550, high=1350):
    """An electronic siren: a rich tone sweeping up and down, from a horn loudspeaker."""
    sweep = 0.5 - 0.5 * np.cos(2 * np.pi * times(length) / period)
    tone = buzz(low * (high / low) ** sweep)
    return level(formants(tone, [(900, 700, 1.0), (1500, 900, 0.5)]))


def honk(length=0.45):
    """Two diaphragms a third apart, harmonics strong to 3 kHz, on and off at once."""
    n = round(length * SR)
    pair = buzz(np.full(n, 415.0)) + 0.9 * buzz(np.full(n, 500.0))
    return level(fade(resonate(pair, 480, 300) + 1.1 * resonate(pair, 1900, 900), 0.012, 0.03))


clip = np.zeros(round(SECONDS * SR))
for at in np.arange(0.2, 2.2, 0.5):
    place(clip, step(), at)
place(clip, honk(0.8), 2.8)
place(clip, fade(wail(2.9, 2.9), 0.05, 0.1), 4.1)
place(clip, glass(), 7.4)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
