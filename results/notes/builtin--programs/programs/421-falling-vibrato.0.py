"""A theremin: two harmonics over a pitch curve, with a vibrato that changes with it."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(5 * RATE) / RATE
midi = np.interp(t, [0.25, 1.75, 3.25, 4.75], [72, 72, 67, 67])
slow = 30 * np.sin(2 * np.pi * 4.5 * (t - 0.25))
fast = 60 * np.sin(2 * np.pi * 7 * (t - 3.25))
cents = np.where(t < 3.25, slow, fast)
phase = 2 * np.pi * np.cumsum(440.0 * 2 ** ((midi - 69) / 12 + cents / 1200)) / RATE
wave = np.sin(phase) + 0.25 * np.sin(2 * phase)
audio = wave * np.interp(t, [0.25, 0.27, 4.73, 4.75], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
