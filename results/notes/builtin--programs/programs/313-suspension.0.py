"""Reed-organ notes: all harmonics, falling slowly, each key with its own phases."""

import numpy as np
import soundfile as sf

RATE = 44100
CHORDS = ((0.25, 1.5, (62, 67, 69)), (1.6, 3.0, (62, 66, 69)))
rng = np.random.default_rng(313)

t = np.arange(round(3.5 * RATE)) / RATE
audio = np.zeros(t.size)
for begin, end, keys in CHORDS:
    gate = np.clip(np.minimum((t - begin) / 0.015, (end - t) / 0.015), 0, 1)
    for midi in keys:
        hertz = 440.0 * 2 ** ((midi - 69) / 12)
        for n in range(1, 16):
            phase = rng.uniform(0, 2 * np.pi)
            audio += gate * n**-1.1 * np.sin(2 * np.pi * n * hertz * t + phase)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
