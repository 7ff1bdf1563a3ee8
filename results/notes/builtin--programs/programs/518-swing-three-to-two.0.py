"""Vibraphone bars in pairs of 0.24 and 0.16 seconds."""

import numpy as np
import soundfile as sf

RATE = 44100
BEAT, RATIO, SOUNDING = 0.4, 0.6, 0.75
PITCHES = (74, 72, 69, 65, 67, 70, 74, 77, 76, 72, 67, 69, 65)

audio = np.zeros(round(3.5 * RATE))
begin = 0.2
for k, midi in enumerate(PITCHES):
    share = 1.0 if k == len(PITCHES) - 1 else RATIO if k % 2 == 0 else 1 - RATIO
    length = share * BEAT * SOUNDING
    t = np.arange(round(length * RATE)) / RATE
    turn = 2 * np.pi * 440.0 * 2 ** ((midi - 69) / 12) * t
    bar = np.exp(-1.5 * t) * np.sin(turn) + 0.15 * np.exp(-8 * t) * np.sin(4 * turn)
    bar *= np.clip(np.minimum(t / 0.002, (length - t) / 0.008), 0, 1)
    at = round(begin * RATE)
    audio[at : at + t.size] += bar
    begin += share * BEAT
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
