"""A triangle wave from its odd harmonics, switched on for three lengths."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** (5 / 12)
OPEN = ((0.0, 0.25), (0.5, 1.0), (1.25, 2.25))

t = np.arange(round(2.5 * RATE)) / RATE
wave = sum(
    (-1) ** (n // 2) * np.sin(2 * np.pi * n * FREQUENCY * t) / n**2 for n in range(1, 28, 2)
)
gate = sum(np.clip(np.minimum(t - a, b - t) / 0.004, 0, 1) for a, b in OPEN)
sf.write("/out/output.wav", 0.75 * gate * wave / np.max(np.abs(wave)), RATE, subtype="PCM_16")
