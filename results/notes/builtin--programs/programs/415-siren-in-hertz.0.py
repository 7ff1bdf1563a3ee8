"""A linear chirp in hertz with four harmonics."""

import numpy as np
import soundfile as sf

RATE = 44100
LENGTH, FROM, TO = 3.0, 220.0, 880.0

t = np.arange(round(3.5 * RATE)) / RATE
phase = 2 * np.pi * (FROM * t + (TO - FROM) / LENGTH * t**2 / 2)
wave = sum(np.sin(n * phase) / n**1.8 for n in range(1, 5))
audio = wave * np.interp(t, [0, 0.008, LENGTH - 0.008, LENGTH], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
