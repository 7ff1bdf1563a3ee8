"""The first three modes of a free bar, the higher the shorter."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** (22 / 12)
MODES = ((1.0, 1.0, 1.2), (2.756, 0.45, 0.5), (5.404, 0.25, 0.25))

t = np.arange(3 * RATE) / RATE - 0.25
bar = sum(
    level * np.exp(-np.maximum(t, 0) / decay) * np.sin(2 * np.pi * ratio * FREQUENCY * t)
    for ratio, level, decay in MODES
)
audio = bar * np.clip(t / 0.001, 0, 1)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
