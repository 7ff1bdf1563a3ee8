"""All harmonics of a sawtooth below 20 kHz, by a sum of sines."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 220.0

t = np.arange(2 * RATE) / RATE
wave = sum(np.sin(2 * np.pi * n * FREQUENCY * t) / n for n in range(1, int(20000 / FREQUENCY)))
audio = wave * np.interp(t, [0, 0.005, 1.495, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
