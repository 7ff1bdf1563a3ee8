"""A bass drum in three and a clap, four bursts of noise within 25 ms, in four."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
rng = np.random.default_rng(615)

t = np.arange(round(0.15 * RATE)) / RATE
end = np.clip((0.15 - t) / 0.02, 0, 1)
drum = np.sin(2 * np.pi * np.cumsum(52 + 80 * np.exp(-t / 0.015)) / RATE) * np.exp(-t / 0.05)
drum *= np.clip(t / 0.001, 0, 1) * end

band = butter(2, [1000, 2200], "bandpass", fs=RATE, output="sos")
envelope = np.exp(-t / 0.035) + sum((t >= d) * np.exp(-(t - d) / 0.004) for d in (0.008, 0.016))
clap = sosfilt(band, rng.standard_normal(t.size)) * envelope * end

audio = np.zeros(round(4.5 * RATE))
for k in range(6):
    begin = round(2 * k / 3 * RATE)
    audio[begin : begin + t.size] += drum
for k in (1, 2, 3, 5, 6, 7):
    begin = round(k / 2 * RATE)
    audio[begin : begin + t.size] += 0.8 * clap
sf.write("/out/output.wav", 0.85 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
