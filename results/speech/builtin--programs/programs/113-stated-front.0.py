"""Glottal pulses and a little breath through five resonators that stand still."""

import numpy as np
from scipy.io import wavfile
from scipy.signal import lfilter, resample_poly

RATE, HOP = 16000, 80  # the parameters of the voice change every 5 ms


def smooth(x, ms):
    n = round(ms / 5) | 1
    w = np.hanning(n + 2)[1:-1]
    return np.convolve(np.pad(x, n // 2, mode="edge"), w / w.sum(), "valid")


def glottis(f0, rng, open_share=0.6, tilt=3000):
    """Flow derivative of a train of pulses, made at four times the rate so that it does not alias."""
    phase = np.cumsum(np.repeat(f0, 4)) / (4 * RATE)
    x = (phase % 1) / open_share
    pulse = np.where(x < 1, 2 * x - 3 * x**2, 0.0)
    pulse *= (1 + 0.02 * rng.standard_normal(int(phase[-1]) + 2))[phase.astype(int)]
    a = np.exp(-2 * np.pi * tilt / RATE)
    return lfilter([1 - a], [1, -a], resample_poly(pulse, 1, 4)[: len(f0)])


def resonator(x, hertz, width):
    """Klatt's two-pole resonator, gain 1 at 0 Hz; frequency and bandwidth in Hz, one per hop."""
    y, state = np.empty_like(x), np.zeros(2)
    c = -np.exp(-2 * np.pi * width / RATE)
    b = 2 * np.exp(-np.pi * width / RATE) * np.cos(2 * np.pi * hertz / RATE)
    for i, (bi, ci) in enumerate(zip(b, c)):
        part = slice(i * HOP, (i + 1) * HOP)
        # the state is of the direct form, transposed: rescale it when the coefficients change
        y[part], _ = lfilter([1 - bi - ci], [1, -bi, -ci], x[part], zi=[bi * state[0] + ci * state[1], ci * state[0]])
        state = y[part][-1], y[part][-2]
    return y


def tract(voice, breath, formants, widths, f0, rng, scale=1.0):
    """A cascade of five formants over glottal pulses and breath; all arguments one per hop."""
    up = lambda v: np.interp(np.arange(len(f0) * HOP) / HOP, np.arange(len(f0)) + 0.5, v)
    pulses = glottis(up(f0), rng) * up(voice)
    noise = 0.12 * rng.standard_normal(len(pulses)) * up(breath)
    y = pulses + noise
    fixed = [(3500 * scale, 200.0), (4500 * scale, 250.0)]
    for k in range(3):
        y = resonator(y, formants[:, k], widths[:, k])
    for hertz, width in fixed:
        if hertz < 7500:
            y = resonator(y, np.full(len(f0), hertz), np.full(len(f0), width))
    return y


def save(clip, seconds):
    clip = np.pad(clip, (0, round(seconds * RATE)))[: round(seconds * RATE)]
    clip = clip + 1e-4 * np.random.default_rng(9).standard_normal(len(clip))  # a quiet room
    wavfile.write("/out/output.wav", RATE, np.round(clip / np.abs(clip).max() * 0.8 * 32767).astype("<i2"))


def hold(points, pitch, seconds, scale=1.0, breath=0.1, fade=0.03):
    """Sing formants (s, F1, F2, F3) from the first point to the last; pitch is (s, Hz)."""
    points, pitch, rng = np.array(points, float), np.array(pitch, float), np.random.default_rng(1)
    t = np.arange(round(seconds * RATE / HOP)) * HOP / RATE
    f = np.column_stack([np.interp(t, points[:, 0], points[:, k]) for k in (1, 2, 3)])
    gate = np.clip(np.minimum(t - points[0, 0], points[-1, 0] - t) / fade, 0, 1)
    widths = np.tile([70.0, 100.0, 140.0], (len(t), 1))
    return tract(gate, breath * gate, f, widths, np.interp(t, pitch[:, 0], pitch[:, 1]), rng, scale)


clip = hold([(0.2, 390, 1990, 2550), (1.2, 390, 1990, 2550)], [(0, 118)], 1.5)
save(clip, 1.5)
