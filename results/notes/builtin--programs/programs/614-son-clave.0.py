"""Claves: a single wooden mode at 2500 Hz that is gone in a twentieth of a second."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(round(0.1 * RATE)) / RATE
stick = np.sin(2 * np.pi * 2500 * t) * np.exp(-t / 0.014)
stick += 0.2 * np.sin(2 * np.pi * 5300 * t) * np.exp(-t / 0.004)
stick *= np.clip(np.minimum(t / 0.0005, (0.1 - t) / 0.01), 0, 1)
audio = np.zeros(round(4.5 * RATE))
for bar in range(2):
    for step in (0, 3, 6, 10, 12):
        begin = round((0.25 + 2 * bar + step / 8) * RATE)
        audio[begin : begin + stick.size] += stick
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
