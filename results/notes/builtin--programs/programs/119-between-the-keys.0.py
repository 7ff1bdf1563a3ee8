"""Odd harmonics that fall off as in a clarinet, on a pitch a quarter tone above D4."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((62.5 - 69) / 12)

t = np.arange(3 * RATE) / RATE
wave = np.zeros_like(t)
for n in range(1, 16):
    level = n**-1.1 if n % 2 else 0.03 * n**-1.1
    wave += level * np.sin(2 * np.pi * n * FREQUENCY * t + 0.4 * n)
audio = wave * np.interp(t, [0.5, 0.52, 2.47, 2.5], [0, 1, 0.95, 0])
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
