"""Two sines added at equal level, with one window over both."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL, LENGTH = 3.0, 2.0

C4, G4 = (440.0 * 2 ** ((midi - 69) / 12) for midi in (60, 67))

t = np.arange(round(LENGTH * RATE)) / RATE
fifth = 0.4 * np.sin(2 * np.pi * C4 * t) + 0.4 * np.sin(2 * np.pi * G4 * t)
fifth *= np.clip(np.minimum(t, LENGTH - t) / 0.008, 0, 1)

rest = np.zeros(round((TOTAL - LENGTH) * RATE))
sf.write("/out/output.wav", np.concatenate([fifth, rest]), RATE, subtype="PCM_16")
