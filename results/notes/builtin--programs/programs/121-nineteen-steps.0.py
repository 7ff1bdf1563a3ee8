"""An organ flute of three pipes' worth of harmonics, five nineteenths of an octave above A3."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY = 220.0 * 2 ** (5 / 19)

t = np.arange(round(2.5 * RATE)) / RATE
wave = sum(a * np.sin(2 * np.pi * n * FREQUENCY * t) for n, a in ((1, 1), (2, 0.3), (3, 0.12)))
audio = wave * np.interp(t, [0, 0.015, 1.97, 2.0], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
