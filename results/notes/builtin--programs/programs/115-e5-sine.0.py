"""A sine oscillator behind a gate with ramps of five milliseconds."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** (7 / 12)

t = np.arange(2 * RATE) / RATE
gate = np.interp(t, [0.25, 0.255, 1.745, 1.75], [0, 1, 1, 0])
audio = 0.7 * gate * np.sin(2 * np.pi * FREQUENCY * t)
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
