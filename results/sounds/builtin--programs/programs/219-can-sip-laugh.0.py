"""Metal modes and hiss, a slurp, voiced syllables."""

import numpy as np
import soundfile
from scipy.signal import butter, lfilter, sosfilt

SR = 44100
SECONDS = 7.0
rng = np.random.default_rng(219)


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


def laugh(syllables=9, pitch=330):
    """Ha, ha, ha: breath and a falling voice, five syllables a second, each a little lower."""
    clip = np.zeros(round((0.2 * syllables + 0.2) * SR))
    for i in range(syllables):
        fall = pitch * (1.1 - 0.045 * i) * (1 + 0.1 * (i % 4 == 0))
        source = buzz(fall * curve(0.13, [0, 0.3, 1], [0.95, 1.08, 0.85])) + 0.015 * noise(0.13)
        ha = formants(source, [(820, 130, 1.0), (1350, 180, 0.7), (2800, 400, 0.25)])
        place(clip, level(fade(ha * curve(0.13, [0, 0.25, 0.7, 1], [0, 1, 0.8, 0]), 0.01, 0.03)), 0.2 * i, 1 - 0.06 * i)
        h = formants(noise(0.06), [(900, 400, 1.0), (2000, 600, 0.7)])
        place(clip, level(h * np.hanning(len(h))), 0.2 * i + 0.13, 0.08)
    return clip


def sip():
    """A wet slurp, then two dull gulps."""
    clip = np.zeros(round(1.6 * SR))
    slurp = band(noise(0.55), 1300, 6000, 1) * np.clip(0.5 + 0.6 * drift(0.55, 55), 0.05, 2)
    place(clip, level(fade(slurp * curve(0.55, [0, 0.6, 1], [0.2, 1, 0.3]), 0.03, 0.04)), 0.0, 0.8)
    for at in (0.85, 1.2):
        t = times(0.12)
        gulp = np.sin(2 * np.pi * (260 * t + 900 * t * t)) * np.exp(-t / 0.03) * np.minimum(t / 0.01, 1)
        place(clip, level(gulp), at, 0.7)
    return clip


def can():
    """The tab cracks the lid, gas rushes out, and the tab is bent back with a tick."""
    clip = np.zeros(round(0.9 * SR))
    crack = ring(0.1, [(1900, 0.006, 0.6), (3700, 0.005, 1.0), (6100, 0.004, 0.8)])
    place(clip, level(level(crack) + 0.8 * level(band(noise(0.1), 2000, 12000, 1) * np.exp(-times(0.1) / 0.006))), 0.0)
    hiss = band(noise(0.7), 3500, 13000, 1) * np.exp(-times(0.7) / 0.16)
    place(clip, level(fade(hiss, 0.004, 0.1)), 0.02, 0.75)
    return clip


clip = np.zeros(round(SECONDS * SR))
place(clip, can(), 0.4)
place(clip, sip(), 2.2)
place(clip, laugh(9), 4.5)
soundfile.write("/out/output.wav", 0.8 * clip / np.abs(clip).max(), SR, subtype="PCM_16")
