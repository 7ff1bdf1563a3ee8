"""A reed by formants: a quarter-cycle pulse whose harmonics are shaped by two resonances."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 5.0
FREQUENCY = 440.0 * 2 ** ((72 - 69) / 12)
GAP = 0.2
LENGTHS = (0.1, 0.2, 0.4, 0.8, 1.6)


def formant(frequency, centre, bandwidth):
    return 1 / (1 + ((frequency - centre) / (bandwidth / 2)) ** 2)


def reed(seconds):
    """Return one note of the reed with ramps of 6 ms."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros_like(t)
    for n in range(1, int(17000 / FREQUENCY)):
        f = n * FREQUENCY
        level = abs(np.sin(np.pi * n / 4)) / n + 0.05 / n
        level *= 0.4 + 1.2 * formant(f, 1150, 700) + 0.8 * formant(f, 3100, 1200)
        wave += level * np.sin(2 * np.pi * f * t + 0.7 * n * n)
    attack = 0.5 - 0.5 * np.cos(np.pi * np.clip(t / 0.006, 0, 1))
    release = 0.5 - 0.5 * np.cos(np.pi * np.clip((seconds - t) / 0.006, 0, 1))
    return wave * attack * release


audio = np.zeros(round(TOTAL * RATE))
time = GAP
for length in LENGTHS:
    note = reed(length)
    begin = round(time * RATE)
    audio[begin : begin + note.size] = note
    time += length + GAP
sf.write("/out/output.wav", 0.65 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
