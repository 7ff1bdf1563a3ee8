"""Additive sawtooth under an ADSR envelope of straight lines."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((55 - 69) / 12)

t = np.arange(3 * RATE) / RATE
wave = sum(np.sin(2 * np.pi * n * FREQUENCY * t) / n for n in range(1, 40))
envelope = np.interp(t, [0.25, 0.45, 0.75, 2.0, 2.5], [0, 1, 0.5, 0.5, 0])
audio = envelope * wave
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
