"""Two modes of a marimba bar, tuned two octaves apart, and the knock of the mallet."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
FREQUENCY = 440.0 * 2 ** (3 / 12)
DAMPED = 1.5

rng = np.random.default_rng(607)
t = np.arange(2 * RATE) / RATE
bar = np.exp(-4 * t) * np.sin(2 * np.pi * FREQUENCY * t)
bar += 0.12 * np.exp(-25 * t) * np.sin(2 * np.pi * 4 * FREQUENCY * t)
knock = sosfilt(butter(2, 900, fs=RATE, output="sos"), rng.standard_normal(t.size))
bar += 0.25 * np.exp(-t / 0.006) * knock
audio = bar * np.interp(t, [0, 0.002, DAMPED - 0.03, DAMPED], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
