"""The difference of two sawtooths a quarter of a period apart."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((52 - 69) / 12)

t = np.arange(2 * RATE) / RATE


def saw(turn):
    return sum(np.sin(2 * np.pi * n * turn) / n for n in range(1, int(19000 / FREQUENCY)))


wave = saw(FREQUENCY * t) - saw(FREQUENCY * t - 0.25)
audio = wave * np.interp(t, [0, 0.005, 1.495, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
