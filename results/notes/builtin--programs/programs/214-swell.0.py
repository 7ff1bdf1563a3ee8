"""Organ harmonics under a level that is a tent in decibels."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((60 - 69) / 12)

t = np.arange(round(4.5 * RATE)) / RATE
wave = sum(
    a * np.sin(2 * np.pi * n * FREQUENCY * t) for n, a in ((1, 1), (2, 0.6), (3, 0.25), (4, 0.2))
)
level = np.interp(t, [0, 2, 4], [-24, 0, -24])
gate = np.clip(np.minimum(t, 4 - t) / 0.004, 0, 1)
audio = wave * gate * 10 ** (level / 20)
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
