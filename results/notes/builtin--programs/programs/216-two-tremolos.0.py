"""Amplitude modulation with a modulator that changes its rate and depth half way."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 220.0

t = np.arange(round(4.5 * RATE)) / RATE
wave = sum(np.sin(2 * np.pi * n * FREQUENCY * t) / n for n in range(1, 12))
slow = 0.6 + 0.4 * np.sin(2 * np.pi * 4 * t)
fast = 0.8 + 0.2 * np.sin(2 * np.pi * 9 * (t - 2))
gate = np.clip(np.minimum(t, 4 - t) / 0.005, 0, 1)
audio = wave * np.where(t < 2, slow, fast) * gate
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
