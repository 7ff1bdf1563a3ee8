"""Two wooden bars struck in three and in four."""

import numpy as np
import soundfile as sf

RATE = 44100
LENGTH = 0.2
BAR = 2.0

t = np.arange(round(LENGTH * RATE)) / RATE


def strike(midi, decay):
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    tone = np.exp(-decay * t) * np.sin(2 * np.pi * hertz * t)
    tone += 0.15 * np.exp(-6 * decay * t) * np.sin(2 * np.pi * 3.9 * hertz * t)
    return tone * np.clip(np.minimum(t / 0.002, (LENGTH - t) / 0.01), 0, 1)


audio = np.zeros(round(4.5 * RATE))
for midi, parts, decay in ((81, 3, 6.0), (60, 4, 5.0)):
    for k in range(2 * parts):
        begin = round(k * BAR / parts * RATE)
        audio[begin : begin + t.size] += strike(midi, decay)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
