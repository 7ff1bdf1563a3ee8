"""Two voices of an organ with a choir's formant near 600 Hz."""

import numpy as np
import soundfile as sf

RATE = 44100
STEP, SUNG = 0.6, 0.54
VOICES = ((69, 71, 72, 74, 72, 71, 69, 67), (65, 62, 64, 65, 69, 67, 60, 64))

t = np.arange(round(SUNG * RATE)) / RATE
gate = np.clip(np.minimum(t, SUNG - t) / 0.015, 0, 1)
audio = np.zeros(5 * RATE)
for voice, pitches in enumerate(VOICES):
    for k, midi in enumerate(pitches):
        hertz = 440.0 * 2 ** ((midi - 69) / 12)
        tone = np.zeros(t.size)
        for n in range(1, 9):
            colour = 1 / n**1.4 * (1 + 1.5 * np.exp(-(((n * hertz - 600) / 250) ** 2)))
            tone += colour * np.sin(2 * np.pi * n * hertz * t + n * (voice + 1.3))
        begin = round(k * STEP * RATE)
        audio[begin : begin + t.size] += gate * tone
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
