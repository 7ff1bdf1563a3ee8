"""A sine whose amplitude is a power of ten of time."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** (2 / 12)
LENGTH = 2.5

t = np.arange(3 * RATE) / RATE
decay = 10 ** (-20 * t / 20) * (t < LENGTH)
audio = decay * np.clip(t / 0.003, 0, 1) * np.sin(2 * np.pi * FREQUENCY * t)
sf.write("/out/output.wav", 0.85 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
