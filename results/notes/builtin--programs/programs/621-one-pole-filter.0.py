"""A sawtooth's harmonics, each with the gain and phase of a resistor and a capacitor."""

import numpy as np
import soundfile as sf

RATE = 44100
FREQUENCY, CUTOFF = 220.0, 1000.0

t = np.arange(2 * RATE) / RATE
wave = np.zeros(t.size)
for n in range(1, int(20000 / FREQUENCY)):
    response = 1 / (1 + 1j * n * FREQUENCY / CUTOFF)
    wave += abs(response) / n * np.sin(2 * np.pi * n * FREQUENCY * t + np.angle(response))
audio = wave * np.interp(t, [0, 0.005, 1.495, 1.5], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
