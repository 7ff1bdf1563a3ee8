"""A reed organ: every note is two reeds a cent apart, each a narrow pulse with a soft top."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 4.0
BEAT, SOUNDING = 1.0, 0.9
CHORDS = ((60, 64, 67), (60, 65, 69), (59, 62, 67), (60, 64, 67))


def reed(frequency, t):
    """Return one free reed: the harmonics of a 20 % pulse, rolled off above 2 kHz."""
    wave = np.zeros_like(t)
    for n in range(1, int(12000 / frequency)):
        level = abs(np.sin(np.pi * n * 0.2)) / n / (1 + (n * frequency / 2000) ** 2)
        wave += level * np.cos(2 * np.pi * n * frequency * t + 0.9 * n)
    return wave


def organ_note(midi, seconds):
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE)) / RATE
    tone = reed(frequency * 2 ** (-0.8 / 1200), t) + 0.6 * reed(frequency * 2 ** (0.8 / 1200), t)
    pressure = (1 - np.exp(-t / 0.006)) * np.clip((seconds - t) / 0.02, 0, 1)
    return tone * pressure


audio = np.zeros(round(TOTAL * RATE))
for index, chord in enumerate(CHORDS):
    begin = round(index * BEAT * RATE)
    for midi in chord:
        note = organ_note(midi, SOUNDING)
        audio[begin : begin + note.size] += note
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
