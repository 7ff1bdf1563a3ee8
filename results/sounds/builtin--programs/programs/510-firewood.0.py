"""Engine pulses, rasping strokes, cracks and flames."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 10.0
rng = np.random.default_rng(510)


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


def fire(length):
    """Flames as low fluttering noise; cracks of wood at random, few of them loud."""
    clip = band(noise(length), 30, 220, 1) * (1 + 0.3 * drift(length, 8)) * 0.9
    clip += 0.02 * band(noise(length), 800, 7000, 1)
    for _ in range(int(9 * length)):
        crack = band(noise(0.03), rng.uniform(700, 2500), rng.uniform(5000, 12000), 1)
        crack *= np.exp(-times(0.03) / rng.uniform(0.002, 0.008))
        place(clip, crack, rng.uniform(0, length - 0.03), rng.lognormal(-1.2, 0.9))
    return level(clip)


def two_stroke(length, revs):
    """Firing pulses at the given rate in Hz, rough from stroke to stroke, through a small muffler."""
    rate = revs * (1 + 0.01 * drift(length, 60))
    source = buzz(rate) * (1 + 0.35 * drift(length, 110)) + 0.012 * noise(length)
    pipe = formants(source, [(170, 120, 0.9), (520, 200, 0.7), (1300, 500, 0.6), (2900, 900, 0.5)])
    chain = band(noise(length), 1500, 6500, 1) * 0.02 * (revs / revs.max()) ** 2
    return level(pipe * (0.4 + 0.6 * (revs / revs.max()) ** 2) + chain)


def saw(length, rate=1.25):
    """Teeth rasp through wood: a long push, a lighter pull, noise ground fine by the teeth."""
    t = times(length)
    phase = t * rate % 1
    push = np.clip(np.sin(np.pi * phase / 0.5), 0, 1) * (phase < 0.5)
    pull = np.clip(np.sin(np.pi * (phase - 0.5) / 0.5), 0, 1) * (phase >= 0.5)
    rasp = band(noise(length), 700, 4200, 1) * (1 + 0.4 * drift(length, 160))
    return level(rasp * (push**0.7 + 0.4 * pull + 0.02))


clip = np.zeros(round(SECONDS * SR))
revs = curve(3.2, [0, 0.15, 0.7, 1], [110, 155, 160, 120])
place(clip, fade(two_stroke(3.2, revs), 0.05, 0.2), 0.0)
place(clip, fade(saw(2.6), 0.05, 0.1), 3.6)
place(clip, fade(fire(3.4), 0.1, 0.1), 6.6)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
