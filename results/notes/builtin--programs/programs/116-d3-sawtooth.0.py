"""A sawtooth as the sum of all harmonics below 18 kHz."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((50 - 69) / 12)

t = np.arange(2 * RATE) / RATE
wave = sum(np.sin(2 * np.pi * n * FREQUENCY * t) / n for n in range(1, int(18000 / FREQUENCY)))
audio = wave * np.interp(t, [0, 0.004, 1.494, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
