"""Six different modal and voiced sounds at stated times."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 9.0
rng = np.random.default_rng(429)


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


def bark(pitch=420):
    """A voiced burst whose pitch jumps up and falls, half of it noise, through a dog's throat."""
    t = times(0.26)
    glide = pitch * curve(0.26, [0, 0.15, 0.5, 1], [0.75, 1.15, 1.0, 0.6])
    source = buzz(glide * (1 + 0.02 * noise(0.26))) * 3 + 0.25 * noise(0.26)
    throat = formants(source, [(620, 160, 1.0), (1050, 180, 0.9), (1750, 300, 0.3), (2900, 500, 0.08)])
    return level(fade(throat * curve(0.26, [0, 0.06, 0.4, 1], [0, 1, 0.7, 0]) ** 1.3, 0.002, 0.03))


def drop(pitch=1100):
    """A bubble closed by a drop: a tone that rises slightly while it dies away."""
    t = times(0.2)
    bubble = np.sin(2 * np.pi * pitch * (t + 1.2 * t * t)) * np.exp(-t / 0.022)
    hit = np.sin(2 * np.pi * 2.7 * pitch * t) * np.exp(-t / 0.004)
    return level((bubble + 0.25 * hit) * np.minimum(t / 0.001, 1))


def clap():
    """Palms trap air, which rings for some milliseconds; the skin slaps a little brighter."""
    t = times(0.12)
    pitch = rng.uniform(0.93, 1.07)
    slap = noise(0.12) * np.exp(-t / 0.004)
    air = resonate(noise(0.12) * np.exp(-t / 0.006), 1050 * pitch, 350) * 6
    return level(band(0.5 * slap + air, 350, 9000, 1))


def knock(force=1.0):
    """A knuckle on a panel: modes of the wood that die within a tenth of a second."""
    wood = ring(0.2, [(125, 0.03, 0.8), (235, 0.025, 1.0), (420, 0.016, 0.6), (760, 0.01, 0.3)])
    tap = band(noise(0.2), 600, 3500, 1) * np.exp(-times(0.2) / 0.003)
    return level(level(wood) + 0.35 * force * level(tap))


def honk(length=0.45):
    """Two diaphragms a third apart, harmonics strong to 3 kHz, on and off at once."""
    n = round(length * SR)
    pair = buzz(np.full(n, 415.0)) + 0.9 * buzz(np.full(n, 500.0))
    return level(fade(resonate(pair, 480, 300) + 1.1 * resonate(pair, 1900, 900), 0.012, 0.03))


def slam():
    """A heavy panel meets its frame: a low boom, a clack of the latch."""
    boom = ring(0.5, [(72, 0.09, 1.0), (118, 0.07, 0.9), (205, 0.04, 0.6), (390, 0.025, 0.3)])
    crack = band(noise(0.5), 400, 4000, 1) * np.exp(-times(0.5) / 0.012)
    return level(level(boom) + 0.5 * level(crack))


clip = np.zeros(round(SECONDS * SR))
for at, sound in ((0.5, knock()), (1.75, clap()), (3.0, honk(0.5)), (4.5, bark()), (6.0, drop()), (7.5, slam())):
    place(clip, sound, at)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
