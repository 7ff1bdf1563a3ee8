"""Bass drum, snare and hi-hat from falling sines and filtered noise."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
BAR = 2.4
rng = np.random.default_rng(613)

t = np.arange(round(0.25 * RATE)) / RATE
end = np.clip((0.25 - t) / 0.02, 0, 1)


def noise(low, high):
    band = butter(4, [low, high], "bandpass", fs=RATE, output="sos")
    return sosfilt(band, rng.standard_normal(t.size))


def bass_drum():
    sweep = np.cumsum(50 + 90 * np.exp(-t / 0.02)) / RATE
    return np.sin(2 * np.pi * sweep) * np.exp(-t / 0.08) * np.clip(t / 0.001, 0, 1)


def snare():
    body = np.sin(2 * np.pi * 195 * t) + 0.6 * np.sin(2 * np.pi * 330 * t)
    return 0.55 * body * np.exp(-t / 0.05) + 0.9 * noise(500, 9000) * np.exp(-t / 0.06)


def hi_hat():
    return 0.3 * noise(7000, 16000) * np.exp(-t / 0.015)


SCORE = (
    *((bass_drum, beat) for beat in (0.0, 1.2, 1.5)),
    *((snare, beat) for beat in (0.6, 1.8)),
    *((hi_hat, 0.3 * eighth) for eighth in range(8)),
)
audio = np.zeros(5 * RATE)
for bar in range(2):
    for drum, time in SCORE:
        begin = round((bar * BAR + time) * RATE)
        audio[begin : begin + t.size] += drum() * end
sf.write("/out/output.wav", 0.85 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
