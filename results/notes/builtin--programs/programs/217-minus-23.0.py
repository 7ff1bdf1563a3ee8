"""A sine whose amplitude follows from the K-weighting's gain at 1 kHz."""

import numpy as np
import soundfile as sf
from scipy.signal import freqz

RATE = 44100
FREQUENCY = 1000.0
TARGET = -23.0


def biquad(kind, gain_db, q, centre):
    """Return b and a of a shelf or a high-pass by the audio equalizer cookbook."""
    a = 10 ** (gain_db / 40)
    w = 2 * np.pi * centre / RATE
    alpha, c, root = np.sin(w) / (2 * q), np.cos(w), np.sqrt(a)
    if kind == "shelf":
        top = (a + 1 + (a - 1) * c, a - 1 + (a + 1) * c)
        low = (a + 1 - (a - 1) * c, a - 1 - (a + 1) * c)
        return (
            [a * (top[0] + 2 * root * alpha), -2 * a * top[1], a * (top[0] - 2 * root * alpha)],
            [low[0] + 2 * root * alpha, 2 * low[1], low[0] - 2 * root * alpha],
        )
    return [(1 + c) / 2, -(1 + c), (1 + c) / 2], [1 + alpha, -2 * c, 1 - alpha]


gain = 1.0
for stage in (biquad("shelf", 4, 1 / np.sqrt(2), 1500), biquad("high-pass", 0, 0.5, 38)):
    _, response = freqz(*stage, worN=[FREQUENCY], fs=RATE)
    gain *= abs(response[0])
amplitude = np.sqrt(2) * 10 ** ((TARGET + 0.691) / 20) / gain

t = np.arange(4 * RATE) / RATE
gate = np.clip(np.minimum(t - 0.5, 3.5 - t) / 0.005, 0, 1)
audio = amplitude * gate * np.sin(2 * np.pi * FREQUENCY * t)
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
