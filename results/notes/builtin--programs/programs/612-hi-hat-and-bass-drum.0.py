"""A falling sine for the bass drum and high-passed noise for the hi-hat."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
rng = np.random.default_rng(612)

t = np.arange(round(0.22 * RATE)) / RATE
drum = np.sin(2 * np.pi * np.cumsum(50 + 90 * np.exp(-t / 0.02)) / RATE) * np.exp(-t / 0.07)
high = butter(6, 7000, "highpass", fs=RATE, output="sos")
audio = np.zeros(4 * RATE)
for eighth in range(16):
    begin = round(0.25 * eighth * RATE)
    tick = sosfilt(high, rng.standard_normal(t.size)) * np.exp(-t / 0.018)
    audio[begin : begin + t.size] += 0.5 * tick
    if eighth % 4 == 0:
        audio[begin : begin + t.size] += drum * np.clip(t / 0.001, 0, 1)
sf.write("/out/output.wav", 0.85 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
