"""A bright synthesizer note and copies of it at half, a quarter and an eighth of its amplitude."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((65 - 69) / 12)

t = np.arange(round(0.5 * RATE)) / RATE
note = sum(n**-0.7 * np.sin(2 * np.pi * n * FREQUENCY * t) for n in range(1, 22))
note *= np.clip(np.minimum(t, 0.5 - t) / 0.005, 0, 1)
audio = np.zeros(round(3.5 * RATE))
for k in range(4):
    begin = round((0.2 + 0.8 * k) * RATE)
    audio[begin : begin + note.size] += note * 10 ** (-6 * k / 20)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
