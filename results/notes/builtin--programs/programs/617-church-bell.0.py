"""Modal synthesis of a bell: each partial a pair of close sines, the hum the longest."""

import numpy as np
import soundfile as sf

RATE = 44100
#           ratio, level, decay in s
PARTIALS = ((0.5, 0.6, 6.0), (1, 0.8, 3.5), (1.2, 1.0, 3.0), (1.5, 0.45, 2.0), (2, 0.9, 1.8))
HIGHER = ((2.5, 0.12, 0.8), (2.67, 0.1, 0.7), (3.01, 0.14, 0.6), (4.16, 0.1, 0.4))

t = np.arange(4 * RATE) / RATE
audio = np.zeros(t.size)
for ratio, level, decay in PARTIALS + HIGHER:
    for split in (-0.15, 0.15):
        audio += level * np.exp(-t / decay) * np.sin(2 * np.pi * (440 * ratio + split) * t)
audio *= np.interp(t, [0, 0.002, 3.9, 4.0], [0, 1, 1, 0.5])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
