"""Six harmonics added up, multiplied by a straight line from a fifth to full amplitude."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 4.0
START, STOP = 0.5, 3.5
FREQUENCY = 440.0 * 2 ** ((64 - 69) / 12)
HARMONICS = (1.0, 0.5, 0.3, 0.18, 0.1, 0.06)

t = np.arange(round(TOTAL * RATE)) / RATE
tone = sum(
    level * np.sin(2 * np.pi * n * FREQUENCY * (t - START))
    for n, level in enumerate(HARMONICS, start=1)
)
tone /= np.max(np.abs(tone))

line = 0.2 + 0.8 * (t - START) / (STOP - START)
gate = np.clip((t - START) / 0.005, 0, 1) * np.clip((STOP - t) / 0.008, 0, 1)
sf.write("/out/output.wav", 0.8 * tone * line * gate, RATE, subtype="PCM_16")
