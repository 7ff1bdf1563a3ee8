"""Three sines, each with the amplitude that the K-weighting asks for at its frequency."""

import numpy as np
import soundfile as sf
from scipy.signal import freqz

RATE = 44100
TARGET = -20.0
PITCHES = (55.0, 440.0, 3520.0)


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


STAGES = (biquad("shelf", 4, 1 / np.sqrt(2), 1500), biquad("high-pass", 0, 0.5, 38))
t = np.arange(round(4.5 * RATE)) / RATE
audio = np.zeros(t.size)
for begin, hertz in zip((0.0, 1.5, 3.0), PITCHES):
    gain = np.prod([abs(freqz(*stage, worN=[hertz], fs=RATE)[1][0]) for stage in STAGES])
    amplitude = np.sqrt(2) * 10 ** ((TARGET + 0.691) / 20) / gain
    gate = np.clip(np.minimum(t - begin, begin + 1.2 - t) / 0.008, 0, 1)
    audio += amplitude * gate * np.sin(2 * np.pi * hertz * t)
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
