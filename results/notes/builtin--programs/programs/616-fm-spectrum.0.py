"""Two sine oscillators, one in the phase of the other."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(2 * RATE) / RATE
wave = np.sin(2 * np.pi * 1000 * t + 1.5 * np.sin(2 * np.pi * 150 * t))
audio = 0.75 * wave * np.interp(t, [0, 0.006, 1.494, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
