"""A reed and a bass on two grids that meet at the bar line."""

import numpy as np
import soundfile as sf

RATE = 44100
UPPER = (69, 72, 71, 67, 64, 65, 69, 71, 74, 69)
LOWER = (52, 55, 53, 47, 48, 53, 57, 52)


def tone(midi, seconds, slope):
    t = np.arange(round(seconds * RATE)) / RATE
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    wave = sum(n**-slope * np.sin(2 * np.pi * n * hertz * t + n) for n in range(1, 9))
    return wave * np.clip(np.minimum(t / 0.008, (seconds - t) / 0.012), 0, 1)


audio = np.zeros(5 * RATE)
for pitches, parts, seconds, slope, level in ((UPPER, 5, 0.4, 1.3, 0.8), (LOWER, 4, 0.5, 2.0, 1.0)):
    for k, midi in enumerate(pitches):
        note = level * tone(midi, seconds, slope)
        begin = round(k * 2.4 / parts * RATE)
        audio[begin : begin + note.size] += note
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
