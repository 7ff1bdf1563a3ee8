"""A brass section: harmonics that open in turn and close again at the end."""

import numpy as np
import soundfile as sf

RATE = 44100
BEGIN, END = 0.5, 2.5

t = np.arange(3 * RATE) / RATE - BEGIN
length = END - BEGIN
audio = np.zeros(t.size)
for midi in (55, 57, 60, 64):
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    for n in range(1, 12):
        opening = np.clip(t / (0.012 + 0.006 * n), 0, 1)
        phase = 0.9 * n * n + midi
        audio += n**-0.9 * np.exp(-n / 4) * opening * np.sin(2 * np.pi * n * hertz * t + phase)
audio *= np.clip((length - t) / 0.03, 0, 1) * (t >= 0)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
