"""Reeds with five harmonics each, tuned by whole-number ratios."""

import numpy as np
import soundfile as sf

RATE = 44100
CHORDS = ((0.25, 1.75, (240, 280, 360, 420)), (2.0, 3.5, (240, 288, 360, 432)))
rng = np.random.default_rng(318)

t = np.arange(4 * RATE) / RATE
audio = np.zeros(t.size)
for begin, end, chord in CHORDS:
    gate = np.clip(np.minimum(t - begin, end - t) / 0.012, 0, 1)
    for hertz in chord:
        for n, level in enumerate((1, 0.5, 0.3, 0.18, 0.1), 1):
            phase = rng.uniform(0, 2 * np.pi)
            audio += level * gate * np.sin(2 * np.pi * n * hertz * t + phase)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
