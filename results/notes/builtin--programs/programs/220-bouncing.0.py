"""Eight dry clicks of a tone at the times of a bouncing ball, each 3 dB softer."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 440.0 * 2 ** (7 / 12)
LENGTH = 0.12

t = np.arange(round(LENGTH * RATE)) / RATE
note = sum(np.sin(2 * np.pi * n * FREQUENCY * t) / n**2 for n in (1, 2, 3))
note *= np.clip(np.minimum(t / 0.002, (LENGTH - t) / 0.006), 0, 1)

audio = np.zeros(4 * RATE)
begin, gap = 0.2, 0.8
for k in range(8):
    at = round(begin * RATE)
    audio[at : at + note.size] += note * 10 ** (-3 * k / 20)
    begin, gap = begin + gap, 0.8 * gap
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
