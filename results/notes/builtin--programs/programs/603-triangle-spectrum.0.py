"""A triangle wave as the arcsine of a sine."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((55 - 69) / 12)

t = np.arange(2 * RATE) / RATE
wave = 2 / np.pi * np.arcsin(np.sin(2 * np.pi * FREQUENCY * t))
audio = 0.75 * wave * np.interp(t, [0.25, 0.255, 1.745, 1.75], [0, 1, 1, 0])
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
