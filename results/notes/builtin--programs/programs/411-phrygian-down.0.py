"""A lute: strings by modal synthesis, plucked at a fifth of their length."""

import numpy as np
import soundfile as sf

RATE = 44100
STEP, DAMPED = 0.3, 0.27

t = np.arange(round(DAMPED * RATE)) / RATE
gate = np.clip(np.minimum(t / 0.002, (DAMPED - t) / 0.012), 0, 1)
audio = np.zeros(3 * RATE)
for k, midi in enumerate((76, 74, 72, 71, 69, 67, 65, 64)):
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    string = np.zeros(t.size)
    for n in range(1, 18):
        level = abs(np.sin(np.pi * n / 5)) / n
        string += level * np.exp(-(1.5 + 0.6 * n) * t) * np.sin(2 * np.pi * n * hertz * t)
    begin = round((0.2 + k * STEP) * RATE)
    audio[begin : begin + t.size] += gate * string
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
