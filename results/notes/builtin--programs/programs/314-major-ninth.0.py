"""A harp: ideal strings plucked near the middle, whose high partials die first."""

import numpy as np
import soundfile as sf

RATE = 44100
BEGIN, END = 0.2, 2.5

t = np.arange(round((END - BEGIN) * RATE)) / RATE
chord = np.zeros(t.size)
for midi in (53, 57, 60, 64, 67):
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    for n in range(1, 14):
        level = np.sin(np.pi * n * 0.42) / n**1.6
        chord += level * np.exp(-(0.5 + 0.45 * n) * t) * np.sin(2 * np.pi * n * hertz * t)
chord *= np.interp(t, [0, 0.003, t[-1] - 0.03, t[-1]], [0, 1, 1, 0])
audio = np.zeros(3 * RATE)
audio[round(BEGIN * RATE) :][: chord.size] = chord
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
