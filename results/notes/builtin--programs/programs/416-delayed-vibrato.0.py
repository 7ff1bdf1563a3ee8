"""A bowed string whose finger starts to rock after a second and a half."""

import numpy as np
import soundfile as sf
from scipy.signal import iirpeak, lfilter

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((62 - 69) / 12)

t = np.arange(round(4.5 * RATE)) / RATE
cents = np.where(t >= 1.7, 25 * np.sin(2 * np.pi * 6.5 * (t - 1.7)), 0.0)
phase = 2 * np.pi * np.cumsum(FREQUENCY * 2 ** (cents / 1200)) / RATE
string = sum(np.sin(n * phase) / n * np.exp(-n / 20) for n in range(1, 35))
string *= np.interp(t, [0.2, 0.225, 4.17, 4.2], [0, 1, 1, 0])
audio = string.copy()
for centre, q, gain in ((290, 8, 0.8), (460, 8, 0.9), (2600, 3, 0.8)):
    audio += gain * lfilter(*iirpeak(centre, q, fs=RATE), string)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
