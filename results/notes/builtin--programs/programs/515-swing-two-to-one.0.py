"""A muted trumpet: a pulse train through a resonance, in long and short eighths."""

import numpy as np
import soundfile as sf

RATE = 44100
BEAT, RATIO, SOUNDING = 0.5, 2 / 3, 0.8
PITCHES = (65, 69, 72, 74, 75, 74, 72, 69, 70, 67, 64, 67, 65)

audio = np.zeros(4 * RATE)
begin = 0.0
for k, midi in enumerate(PITCHES):
    share = 1.0 if k == len(PITCHES) - 1 else RATIO if k % 2 == 0 else 1 - RATIO
    length = share * BEAT * SOUNDING
    t = np.arange(round(length * RATE)) / RATE
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    tone = np.zeros(t.size)
    for n in range(1, 16):
        level = 0.5 / n + np.exp(-(((n * hertz - 1300) / 500) ** 2))
        tone += level * np.sin(2 * np.pi * n * hertz * t + 0.5 * n)
    tone *= np.clip(np.minimum(t / 0.006, (length - t) / 0.01), 0, 1)
    at = round(begin * RATE)
    audio[at : at + t.size] += tone
    begin += share * BEAT
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
