"""The product of a sine and three harmonics."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(2 * RATE) / RATE
modulator = sum(a * np.sin(2 * np.pi * 110 * n * t) for n, a in ((1, 1), (2, 0.5), (3, 0.25)))
audio = np.sin(2 * np.pi * 700 * t) * modulator
audio *= np.interp(t, [0, 0.006, 1.494, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
