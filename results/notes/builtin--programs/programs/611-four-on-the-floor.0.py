"""A bass drum: a sine that falls from 150 to 48 Hz within a tenth of a second."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(round(0.35 * RATE)) / RATE
frequency = 48 + 100 * np.exp(-t / 0.025)
drum = np.sin(2 * np.pi * np.cumsum(frequency) / RATE) * np.exp(-t / 0.09)
drum *= np.clip(np.minimum(t / 0.001, (0.35 - t) / 0.02), 0, 1)
audio = np.zeros(4 * RATE)
for beat in range(8):
    begin = round(0.5 * beat * RATE)
    audio[begin : begin + drum.size] += drum
sf.write("/out/output.wav", 0.85 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
