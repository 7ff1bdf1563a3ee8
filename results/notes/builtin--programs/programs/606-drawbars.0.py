"""Five sine pipes with levels in decibels."""

import numpy as np
import soundfile as sf

RATE = 44100
KEY = 440.0 * 2 ** (-9 / 12)
STOPS = ((0.5, -6), (1, 0), (1.5, -9), (2, -3), (4, -12))

t = np.arange(round(2.5 * RATE)) / RATE
wave = sum(10 ** (db / 20) * np.sin(2 * np.pi * KEY * ratio * t) for ratio, db in STOPS)
audio = wave * np.clip(np.minimum(t - 0.25, 2.25 - t) / 0.008, 0, 1)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
