"""A tin whistle: nearly a sine, with breath around it."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
EIGHTH, SOUNDING = 0.2, 0.85
TUNE = (
    "74 1  79 2 83 1 81 1 79 1 76 1  74 2 76 1 79 3  81 1 83 1 81 1 79 2 76 1  74 3"
)

rng = np.random.default_rng(514)
numbers = [int(word) for word in TUNE.split()]
audio = np.zeros(5 * RATE)
begin = 0.2
for midi, eighths in zip(numbers[::2], numbers[1::2]):
    length = eighths * EIGHTH * SOUNDING
    t = np.arange(round(length * RATE)) / RATE
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    band = butter(1, [hertz, 2 * hertz], "bandpass", fs=RATE, output="sos")
    tone = np.sin(2 * np.pi * hertz * t) + 0.2 * np.sin(4 * np.pi * hertz * t)
    tone += 0.02 * sosfilt(band, rng.standard_normal(t.size))
    tone *= np.clip(np.minimum(t / 0.01, (length - t) / 0.012), 0, 1)
    at = round(begin * RATE)
    audio[at : at + t.size] += tone
    begin += eighths * EIGHTH
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
