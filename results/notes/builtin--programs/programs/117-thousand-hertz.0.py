"""A sine at a round number of hertz, gated with raised-cosine ramps."""

import numpy as np
import soundfile as sf

RATE = 44100
START, STOP, RAMP = 0.5, 2.0, 0.006

t = np.arange(round(2.5 * RATE)) / RATE
ramp = np.clip(np.minimum(t - START, STOP - t) / RAMP, 0, 1)
audio = 0.7 * np.sin(np.pi / 2 * ramp) ** 2 * np.sin(2 * np.pi * 1000.0 * t)
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
