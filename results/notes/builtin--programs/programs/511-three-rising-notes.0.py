"""Triangle waves from scipy's sawtooth generator."""

import numpy as np
import soundfile as sf
from scipy.signal import sawtooth

RATE = 44100

t = np.arange(2 * RATE) / RATE
audio = np.zeros(t.size)
for k, midi in enumerate((60, 64, 67)):
    gate = np.clip(np.minimum(t - 0.5 * k, 0.5 * k + 0.45 - t) / 0.005, 0, 1)
    turn = 2 * np.pi * 440.0 * 2 ** ((midi - 69) / 12) * t
    audio += gate * sawtooth(turn, width=0.5)
sf.write("/out/output.wav", 0.6 * audio, RATE, subtype="PCM_16")
