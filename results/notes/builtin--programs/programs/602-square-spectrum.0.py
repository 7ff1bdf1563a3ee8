"""A square wave from its odd harmonics."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** (-9 / 12)

t = np.arange(2 * RATE) / RATE
wave = sum(np.sin(2 * np.pi * n * FREQUENCY * t) / n for n in range(1, 75, 2))
audio = wave * np.interp(t, [0, 0.005, 1.495, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
