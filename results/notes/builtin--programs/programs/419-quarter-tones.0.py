"""An oboe: harmonics shaped by two formants, in steps of half a semitone."""

import numpy as np
import soundfile as sf

RATE = 44100
STEP, SOUNDING = 0.4, 0.32

t = np.arange(round(SOUNDING * RATE)) / RATE
gate = np.clip(np.minimum(t / 0.015, (SOUNDING - t) / 0.015), 0, 1)
audio = np.zeros(4 * RATE)
for k in range(9):
    hertz = 440.0 * 2 ** ((60 + k / 2 - 69) / 12)
    tone = np.zeros(t.size)
    for n in range(1, 16):
        formants = np.exp(-(((n * hertz - 1100) / 500) ** 2)) + 0.4 * np.exp(
            -(((n * hertz - 2900) / 600) ** 2)
        )
        tone += (0.3 / n + formants) * np.sin(2 * np.pi * n * hertz * t + 0.3 * n)
    begin = round(k * STEP * RATE)
    audio[begin : begin + t.size] += gate * tone
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
