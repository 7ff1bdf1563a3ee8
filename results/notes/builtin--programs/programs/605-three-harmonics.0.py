"""Three sine waves at one, one half and one quarter."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((62 - 69) / 12)

t = np.arange(2 * RATE) / RATE
wave = sum(a * np.sin(2 * np.pi * n * FREQUENCY * t) for n, a in ((1, 1), (2, 0.5), (3, 0.25)))
audio = wave * np.interp(t, [0, 0.008, 1.492, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
