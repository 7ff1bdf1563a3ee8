"""Two triangle waves from odd harmonics."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(2 * RATE) / RATE
audio = np.zeros(t.size)
for midi in (62, 71):
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    for n in range(1, 18, 2):
        audio += (-1) ** (n // 2) * np.sin(2 * np.pi * n * hertz * t) / n**2
audio *= np.interp(t, [0, 0.006, 1.494, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
