"""Four harmonics on a C5 that is tuned from an A4 of 432 Hz."""

import numpy as np
import soundfile as sf

RATE = 44100
C5 = 432.0 * 2 ** (3 / 12)

t = np.arange(round(2.5 * RATE)) / RATE
wave = sum(a * np.sin(2 * np.pi * n * C5 * t) for n, a in enumerate((1, 0.35, 0.15, 0.05), 1))
audio = wave * np.interp(t, [0, 0.008, 1.99, 2.0], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
