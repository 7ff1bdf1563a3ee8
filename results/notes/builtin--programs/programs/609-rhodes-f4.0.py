"""A tine and a tone bar: phase modulation at 1:1, a short bell at 14:1, a soft key click."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** (-4 / 12)
HELD = 2.0

t = np.arange(round(2.5 * RATE)) / RATE
turn = 2 * np.pi * FREQUENCY * t
body = np.exp(-1.1 * t) * np.sin(turn + (0.25 + 0.7 * np.exp(-4 * t)) * np.sin(turn))
tine = 0.1 * np.exp(-14 * t) * np.sin(14 * turn)
audio = (body + tine) * np.interp(t, [0, 0.003, HELD - 0.03, HELD], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
