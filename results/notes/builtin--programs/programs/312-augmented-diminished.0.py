"""An electric piano by phase modulation with an index that dies away."""

import numpy as np
import soundfile as sf

RATE = 44100
CHORDS = ((0.0, (57, 61, 65)), (1.5, (59, 62, 65)))
HELD = 1.2

t = np.arange(round(HELD * RATE)) / RATE
audio = np.zeros(3 * RATE)
for begin, keys in CHORDS:
    for midi in keys:
        turn = 2 * np.pi * 440.0 * 2 ** ((midi - 69) / 12) * t
        index = 0.3 + 0.9 * np.exp(-5 * t)
        tone = np.exp(-0.9 * t) * np.sin(turn + index * np.sin(turn))
        tone *= np.interp(t, [0, 0.003, HELD - 0.025, HELD], [0, 1, 1, 0])
        at = round(begin * RATE)
        audio[at : at + tone.size] += tone
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
