"""The phase is the integral of a frequency that doubles along an exponential curve."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(round(2.5 * RATE)) / RATE
frequency = 220.0 * 2 ** (np.minimum(t, 2.0) / 2.0)
phase = 2 * np.pi * np.cumsum(frequency) / RATE
wave = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.15 * np.sin(3 * phase)
audio = wave * np.interp(t, [0, 0.008, 1.992, 2.0], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
