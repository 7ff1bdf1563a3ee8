"""A flute: two strong harmonics and a breath of filtered noise."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
STEP, SOUNDING = 0.25, 0.9

rng = np.random.default_rng(410)
length = STEP * SOUNDING
t = np.arange(round(length * RATE)) / RATE
gate = np.clip(np.minimum(t / 0.012, (length - t) / 0.012), 0, 1)
audio = np.zeros(round(2.5 * RATE))
for k, midi in enumerate((62, 64, 65, 67, 69, 71, 72, 74)):
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    tone = sum(a * np.sin(2 * np.pi * n * hertz * t) for n, a in ((1, 1), (2, 0.35), (3, 0.1)))
    band = butter(1, [hertz, 3 * hertz], "bandpass", fs=RATE, output="sos")
    tone += 0.03 * sosfilt(band, rng.standard_normal(t.size))
    begin = round(k * STEP * RATE)
    audio[begin : begin + t.size] += gate * tone
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
