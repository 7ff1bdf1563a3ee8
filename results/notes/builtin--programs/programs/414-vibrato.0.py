"""A sung tone: harmonics with two formants over a phase whose pitch swings in cents."""

import numpy as np
import soundfile as sf

RATE = 44100

t = np.arange(round(3.5 * RATE)) / RATE
cents = 40 * np.sin(2 * np.pi * 5 * (t - 0.25))
phase = 2 * np.pi * np.cumsum(440.0 * 2 ** (cents / 1200)) / RATE
wave = np.zeros(t.size)
for n in range(1, 14):
    formants = np.exp(-(((440 * n - 800) / 300) ** 2)) + 0.5 * np.exp(-(((440 * n - 2800) / 500) ** 2))
    wave += (0.15 + formants) / n * np.sin(n * phase)
audio = wave * np.interp(t, [0.25, 0.27, 3.22, 3.25], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
