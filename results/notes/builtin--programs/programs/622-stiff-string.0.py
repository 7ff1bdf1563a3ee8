"""Ten partials of a stiff string, struck and slowly dying away."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY, STIFFNESS = 130.81, 0.002

t = np.arange(3 * RATE) / RATE
audio = np.zeros(t.size)
for n in range(1, 9):
    partial = n * FREQUENCY * np.sqrt(1 + STIFFNESS * n * n)
    audio += n**-0.6 * np.exp(-(0.3 + 0.08 * n) * t) * np.sin(2 * np.pi * partial * t + n)
audio *= np.interp(t, [0, 0.002, 2.95, 3.0], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
