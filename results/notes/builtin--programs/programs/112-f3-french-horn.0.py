"""Additive horn: upper harmonics follow the loudness with a delay and a power law."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 3.5
LENGTH = 3.0
FREQUENCY = 440.0 * 2 ** ((53 - 69) / 12)


def smooth_noise(rng, size, cutoff):
    """Return slow random movement: white noise interpolated from `cutoff` points per second."""
    points = rng.standard_normal(int(size / RATE * cutoff) + 3)
    return np.interp(np.arange(size) / RATE * cutoff, np.arange(points.size), points)


rng = np.random.default_rng(53)
samples = round(LENGTH * RATE)
t = np.arange(samples) / RATE

# Tongued attack with a small overshoot, a slowly relaxing middle, a quick end.
level = np.interp(
    t, [0, 0.02, 0.07, 0.2, 2.6, LENGTH - 0.04, LENGTH], [0, 0.65, 1, 0.9, 0.85, 0.8, 0]
)
level *= 1 + 0.01 * smooth_noise(rng, samples, 9)

tone = np.zeros(samples)
for n in range(1, 28):
    frequency = n * FREQUENCY
    formant = 1 + 1.6 * np.exp(-(((frequency - 420) / 260) ** 2))
    tilt = formant / n**0.9 / (1 + (frequency / 1100) ** 2.4)
    envelope = level ** (1 + 0.28 * (n - 1))
    flutter = 1 + 0.02 * smooth_noise(rng, samples, 14)
    tone += tilt * envelope * flutter * np.sin(2 * np.pi * frequency * t + 0.4 * n)

audio = np.zeros(round(TOTAL * RATE))
audio[:samples] = tone
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
