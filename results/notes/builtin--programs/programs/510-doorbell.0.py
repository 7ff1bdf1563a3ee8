"""Two sine tones, one after the other, with short ramps."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(2 * RATE) / RATE
audio = np.zeros(t.size)
for midi, begin, end in ((76, 0.0, 0.6), (72, 0.6, 1.5)):
    gate = np.clip(np.minimum(t - begin, end - t) / 0.005, 0, 1)
    audio += gate * np.sin(2 * np.pi * 440.0 * 2 ** ((midi - 69) / 12) * t)
sf.write("/out/output.wav", 0.7 * audio, RATE, subtype="PCM_16")
