"""A sawtooth brought to 0 LUFS by the gain of the K-weighting at each harmonic, then a ramp in dB."""

import numpy as np
import soundfile as sf
from scipy.signal import freqz

RATE = 44100
FREQUENCY = 110.0


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


order = np.arange(1, int(18000 / FREQUENCY))
gain = np.ones(order.size)
for stage in (biquad("shelf", 4, 1 / np.sqrt(2), 1500), biquad("high-pass", 0, 0.5, 38)):
    gain *= abs(freqz(*stage, worN=order * FREQUENCY, fs=RATE)[1])
power = np.sum((gain / order) ** 2) / 2
unit = 10 ** (0.691 / 20) / np.sqrt(power)

t = np.arange(6 * RATE) / RATE
wave = sum(np.sin(2 * np.pi * n * FREQUENCY * t) / n for n in order)
level = np.interp(t, [0.5, 5.5], [-40, -16])
gate = np.clip(np.minimum(t - 0.5, 5.5 - t) / 0.004, 0, 1)
audio = unit * wave * gate * 10 ** (level / 20)
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
