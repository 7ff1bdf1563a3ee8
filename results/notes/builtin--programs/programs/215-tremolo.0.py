"""Amplitude modulation: a tone times a sine that swings between a half and one."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((64 - 69) / 12)

t = np.arange(round(3.5 * RATE)) / RATE
wave = sum(np.sin(2 * np.pi * n * FREQUENCY * t) / n**1.5 for n in range(1, 7))
swing = 0.75 + 0.25 * np.sin(2 * np.pi * 5 * (t - 0.25))
gate = np.clip(np.minimum(t - 0.25, 3.25 - t) / 0.006, 0, 1)
audio = wave * swing * gate
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
