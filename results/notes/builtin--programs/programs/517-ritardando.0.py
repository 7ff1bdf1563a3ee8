"""A piano-like string with stretched partials, at starts that move apart by a constant factor."""

import numpy as np
import soundfile as sf

RATE = 44100
FIRST, FACTOR, SOUNDING = 0.25, 1.15, 0.85

audio = np.zeros(4 * RATE)
begin, gap = 0.25, FIRST
for midi in (72, 71, 69, 67, 65, 64, 62, 60):
    length = SOUNDING * gap
    t = np.arange(round(length * RATE)) / RATE
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    tone = np.zeros(t.size)
    for n in range(1, 16):
        partial = n * hertz * np.sqrt(1 + 3e-4 * n * n)
        tone += 0.75**n * np.exp(-(0.8 + 0.4 * n) * t) * np.sin(2 * np.pi * partial * t)
    tone *= np.clip(np.minimum(t / 0.002, (length - t) / 0.015), 0, 1)
    at = round(begin * RATE)
    audio[at : at + t.size] += tone
    begin, gap = begin + gap, FACTOR * gap
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
