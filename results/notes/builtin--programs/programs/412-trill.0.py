"""One oscillator with a continuous phase that is switched between two frequencies."""

import numpy as np
import soundfile as sf

RATE = 44100
LOW, HIGH = 440.0, 440.0 * 2 ** (2 / 12)

t = np.arange(round(3.5 * RATE)) / RATE
upper = (t < 2) & (np.floor(t * 8).astype(int) % 2 == 1)
phase = 2 * np.pi * np.cumsum(np.where(upper, HIGH, LOW)) / RATE
wave = np.sin(phase) + 0.3 * np.sin(2 * phase) + 0.1 * np.sin(3 * phase)
audio = wave * np.interp(t, [0, 0.008, 2.985, 3.0], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
