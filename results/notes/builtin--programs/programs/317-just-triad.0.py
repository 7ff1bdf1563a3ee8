"""Three tones of four harmonics each, on 4, 5 and 6 times 55 Hz."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(3 * RATE) / RATE
audio = np.zeros(t.size)
for multiple in (4, 5, 6):
    for n, level in enumerate((1, 0.3, 0.12, 0.05), 1):
        audio += level * np.sin(2 * np.pi * n * multiple * 55.0 * t + multiple * n)
audio *= np.interp(t, [0, 0.01, 2.47, 2.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
