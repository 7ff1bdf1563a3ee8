"""A string pad: three slightly detuned sawtooths a note, softened by a falling spectrum."""

import numpy as np
import soundfile as sf

RATE = 44100
rng = np.random.default_rng(311)

t = np.arange(round(2.5 * RATE)) / RATE
audio = np.zeros(t.size)
for midi in (58, 63, 67):
    for spread in (-1.5, 0.0, 1.5):
        hertz = 440.0 * 2 ** ((midi - 69 + spread / 100) / 12)
        for n in range(1, 24):
            phase = rng.uniform(0, 2 * np.pi)
            audio += np.sin(2 * np.pi * n * hertz * t + phase) / n * np.exp(-n / 8)
audio *= np.interp(t, [0.25, 0.28, 2.2, 2.25], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
