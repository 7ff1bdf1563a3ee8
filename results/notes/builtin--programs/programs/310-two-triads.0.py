"""Organ chords from four sine stops a key."""

import numpy as np
import soundfile as sf

RATE = 44100
STOPS = ((1, 1.0), (2, 0.45), (3, 0.25), (4, 0.12))
CHORDS = ((0.0, (60, 64, 67)), (1.5, (65, 69, 72)))

t = np.arange(3 * RATE) / RATE
audio = np.zeros(t.size)
for begin, keys in CHORDS:
    gate = np.clip(np.minimum(t - begin, begin + 1 - t) / 0.008, 0, 1)
    for midi in keys:
        hertz = 440.0 * 2 ** ((midi - 69) / 12)
        pipe = sum(a * np.sin(2 * np.pi * n * hertz * t + midi * n) for n, a in STOPS)
        audio += gate * pipe
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
