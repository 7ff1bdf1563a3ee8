"""One sine oscillator that runs all the time and a gate that opens twice."""

import numpy as np
import soundfile as sf

RATE = 44100
OPEN = ((0.0, 0.5), (1.0, 2.0))
RAMP = 0.004

t = np.arange(round(2.5 * RATE)) / RATE
gate = sum(np.clip(np.minimum(t - a, b - t) / RAMP, 0, 1) for a, b in OPEN)
sf.write("/out/output.wav", 0.7 * gate * np.sin(2 * np.pi * 440 * t), RATE, subtype="PCM_16")
