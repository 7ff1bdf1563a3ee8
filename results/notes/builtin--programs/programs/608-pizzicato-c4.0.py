"""Six plucked strings a few milliseconds apart, in a body that rings shortly."""

import numpy as np
import soundfile as sf
from scipy.signal import iirpeak, lfilter

RATE = 44100
FREQUENCY = 440.0 * 2 ** (-9 / 12)
STOPPED = 0.6

rng = np.random.default_rng(608)
audio = np.zeros(2 * RATE)
for player in range(6):
    late = 0.0 if player == 0 else rng.uniform(0, 0.008)
    hertz = FREQUENCY * 2 ** (rng.normal(0, 1.5) / 1200)
    t = np.arange(round((STOPPED - late) * RATE)) / RATE
    string = np.zeros(t.size)
    for n in range(1, 12):
        level = abs(np.sin(np.pi * n * 0.3)) / n**1.3
        string += level * np.exp(-(5 + 3 * n) * t) * np.sin(2 * np.pi * n * hertz * t)
    begin = round(late * RATE)
    audio[begin : begin + t.size] += string * np.clip(t / 0.003, 0, 1)
dry = audio.copy()
for centre, q, gain in ((280, 5, 0.5), (480, 5, 0.4)):
    audio += gain * lfilter(*iirpeak(centre, q, fs=RATE), dry)
t = np.arange(audio.size) / RATE
audio *= np.clip((STOPPED - t) / 0.02, 0, 1)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
