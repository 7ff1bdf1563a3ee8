"""A brass tone on 7 × 55 Hz: harmonics that enter later the higher they are."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 7 * 55.0
LENGTH = 2.0

t = np.arange(round(LENGTH * RATE)) / RATE
tone = np.zeros_like(t)
for n in range(1, 19):
    opening = 1 - np.exp(-t / (0.004 + 0.004 * n))
    tone += n**-0.8 * np.exp(-n / 9) * opening * np.sin(2 * np.pi * n * FREQUENCY * t)
tone *= np.interp(t, [0, 0.008, LENGTH - 0.03, LENGTH], [0, 1, 0.9, 0])
audio = np.zeros(round(2.5 * RATE))
begin = round(0.25 * RATE)
audio[begin : begin + t.size] = tone
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
