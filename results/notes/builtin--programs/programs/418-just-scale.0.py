"""A reed organ tuned by fractions."""

from fractions import Fraction

import numpy as np
import soundfile as sf

RATE = 44100
TONIC = 264
RATIOS = ("1/1", "9/8", "5/4", "4/3", "3/2", "5/3", "15/8", "2/1")
STEP, SOUNDING = 0.4, 0.35

t = np.arange(round(SOUNDING * RATE)) / RATE
gate = np.clip(np.minimum(t / 0.012, (SOUNDING - t) / 0.012), 0, 1)
audio = np.zeros(round(3.5 * RATE))
for k, ratio in enumerate(RATIOS):
    hertz = float(TONIC * Fraction(ratio))
    reed = sum(np.sin(2 * np.pi * n * hertz * t + n) / n**1.2 for n in range(1, 13))
    begin = round(k * STEP * RATE)
    audio[begin : begin + t.size] += gate * reed
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
