"""A harpsichord: bright strings with a quick start, cut by the next note."""

import numpy as np
import soundfile as sf

RATE = 44100
ORNAMENTS = (
    (0.0, ((72, 0.1), (71, 0.1), (72, 0.8))),
    (1.5, ((74, 0.15), (72, 0.15), (71, 0.15), (72, 0.15), (74, 0.9))),
)


def pluck(midi, seconds):
    t = np.arange(round(seconds * RATE)) / RATE
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    tone = np.zeros(t.size)
    for n in range(1, 25):
        level = abs(np.sin(np.pi * n * 0.13)) / n**0.8
        tone += level * np.exp(-(1 + 0.25 * n) * t) * np.sin(2 * np.pi * n * hertz * t + n * n)
    return tone * np.clip(np.minimum(t / 0.001, (seconds - t) / 0.006), 0, 1)


audio = np.zeros(round(3.5 * RATE))
for begin, notes in ORNAMENTS:
    for midi, seconds in notes:
        at = round(begin * RATE)
        tone = pluck(midi, seconds)
        audio[at : at + tone.size] += tone
        begin += seconds
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
