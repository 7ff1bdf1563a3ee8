"""Odd harmonics that fall faster than a square wave's, in nineteenths of an octave."""

import numpy as np
import soundfile as sf

RATE = 44100
STEP, SOUNDING = 0.25, 0.2

t = np.arange(round(SOUNDING * RATE)) / RATE
gate = np.clip(np.minimum(t / 0.006, (SOUNDING - t) / 0.008), 0, 1)
audio = np.zeros(round(5.5 * RATE))
for k in range(20):
    hertz = 220.0 * 2 ** (k / 19)
    tone = sum(np.sin(2 * np.pi * n * hertz * t) / n**1.5 for n in range(1, 16, 2))
    begin = round(k * STEP * RATE)
    audio[begin : begin + t.size] += gate * tone
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
