"""Additive synthesis of a triangle wave: odd harmonics at 1/n², alternating in sign."""

import numpy as np
import soundfile as sf

RATE = 44100
START, LENGTH, TOTAL = 0.5, 2.0, 3.0
FREQUENCY = 440.0 * 2 ** ((79 - 69) / 12)

t = np.arange(round(LENGTH * RATE)) / RATE
tone = np.zeros_like(t)
for n in range(1, int(20000 / FREQUENCY) + 1, 2):
    sign = (-1) ** ((n - 1) // 2)
    tone += sign * np.sin(2 * np.pi * n * FREQUENCY * t) / n**2
tone *= 8 / np.pi**2

fade = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, round(0.005 * RATE)))
tone[: fade.size] *= fade
tone[-fade.size :] *= fade[::-1]

audio = np.zeros(round(TOTAL * RATE))
begin = round(START * RATE)
audio[begin : begin + tone.size] = 0.7 * tone
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
