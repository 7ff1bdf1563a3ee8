"""Vibraphone bars: a fundamental and the mode two octaves above it."""

import numpy as np
import soundfile as sf

RATE = 44100
BEAT, SOUNDING = 1 / 3, 0.85
TUNE = ((65, 0, 2), (69, 2, 1), (72, 3, 1), (70, 6, 1), (67, 7, 1), (64, 8, 1), (65, 10, 2))

audio = np.zeros(round(4.5 * RATE))
for midi, beat, beats in TUNE:
    length = beats * BEAT * SOUNDING
    t = np.arange(round(length * RATE)) / RATE
    turn = 2 * np.pi * 440.0 * 2 ** ((midi - 69) / 12) * t
    bar = np.exp(-1.2 * t) * np.sin(turn) + 0.2 * np.exp(-5 * t) * np.sin(4 * turn)
    bar *= np.clip(np.minimum(t / 0.002, (length - t) / 0.015), 0, 1)
    begin = round(beat * BEAT * RATE)
    audio[begin : begin + t.size] += bar
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
