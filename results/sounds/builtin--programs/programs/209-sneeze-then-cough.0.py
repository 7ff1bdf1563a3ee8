"""A gasp and burst, then noise bursts with voiced ends."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 5.0
rng = np.random.default_rng(209)


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


def sneeze():
    """A gasp with voice in it, a held moment, and the burst through mouth and nose."""
    clip = np.zeros(round(0.75 * SR))
    gasp = formants(buzz(curve(0.2, [0, 1], [230, 330])) + 0.03 * noise(0.2), [(700, 150, 1.0), (1300, 250, 0.6)])
    place(clip, level(gasp * curve(0.2, [0, 0.5, 1], [0, 1, 0.2])), 0.0, 0.22)
    burst = band(noise(0.4), 1200, 8500, 1) * curve(0.4, [0, 0.04, 0.25, 1], [0, 1, 0.35, 0])
    voice = formants(buzz(curve(0.4, [0, 0.2, 1], [420, 330, 210])), [(620, 120, 1.0), (1250, 200, 0.5)])
    voice *= curve(0.4, [0, 0.05, 0.3, 1], [0, 1, 0.5, 0])
    place(clip, fade(level(level(burst) + 1.1 * level(voice)), 0.002, 0.1), 0.27)
    return clip


def cough():
    """The glottis bursts open: a thump of noise, then a short rough voice."""
    length = 0.34
    source = 0.5 * noise(length) * curve(length, [0, 0.02, 0.25, 1], [0, 1, 0.4, 0.15])
    source += 1.6 * buzz(curve(length, [0, 0.5, 1], [210, 190, 140])) * curve(length, [0, 0.2, 0.6, 1], [0.2, 0.5, 1, 0])
    throat = formants(source, [(520, 160, 1.0), (1150, 240, 0.7), (2400, 500, 0.4)])
    return level(fade(throat * curve(length, [0, 0.03, 0.3, 1], [0, 1, 0.6, 0]), 0.002, 0.06))


clip = np.zeros(round(SECONDS * SR))
place(clip, sneeze(), 0.6)
place(clip, cough(), 2.6)
place(clip, cough(), 3.3, 0.85)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
