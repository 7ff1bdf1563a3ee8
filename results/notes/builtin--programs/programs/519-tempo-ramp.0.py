"""Marimba bars at the logarithmic times of a tempo that rises in a straight line."""

import numpy as np
import soundfile as sf

RATE = 44100
DAMPED = 0.15
PITCHES = (60, 64, 67, 69, 72, 69, 67, 64) * 2

t = np.arange(round(DAMPED * RATE)) / RATE
gate = np.clip(np.minimum(t / 0.002, (DAMPED - t) / 0.01), 0, 1)
audio = np.zeros(8 * RATE)
for n, midi in enumerate(PITCHES):
    turn = 2 * np.pi * 440.0 * 2 ** ((midi - 69) / 12) * t
    bar = np.exp(-5 * t) * np.sin(turn) + 0.2 * np.exp(-30 * t) * np.sin(3.93 * turn)
    at = round(32 / 3 * np.log(1 + n / 16) * RATE)
    audio[at : at + t.size] += gate * bar
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
