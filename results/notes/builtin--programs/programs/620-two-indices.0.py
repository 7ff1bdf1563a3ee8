"""Phase modulation with an index that steps from 0.8 to 2.6."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(round(3.5 * RATE)) / RATE
index = np.interp(t, [1.495, 1.505], [0.8, 2.6])
wave = np.sin(2 * np.pi * 900 * t + index * np.sin(2 * np.pi * 200 * t))
audio = 0.75 * wave * np.interp(t, [0, 0.006, 2.994, 3.0], [0, 1, 1, 0])
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
