"""A flute by resonance: breath noise through a narrow band at the pitch, with a sung core."""

import numpy as np
import soundfile as sf
from scipy.signal import iirpeak, lfilter

RATE = 44100
TOTAL = 3.0
SIXTEENTH = 60 / 100 / 4
PAIRS = ((60, 64), (62, 65), (64, 67), (65, 69), (67, 71), (69, 72), (71, 74))
LINE = [(midi, SIXTEENTH) for pair in PAIRS for midi in pair] + [(72, 4 * SIXTEENTH)]

rng = np.random.default_rng(408)


def flute(midi, seconds):
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE)) / RATE
    angle = 2 * np.pi * frequency * t
    core = np.sin(angle) + 0.3 * np.sin(2 * angle + 0.5) + 0.1 * np.sin(3 * angle + 1)
    noise = rng.standard_normal(t.size)
    b, a = iirpeak(frequency, 18, fs=RATE)
    b2, a2 = iirpeak(3 * frequency, 8, fs=RATE)
    breath = 0.4 * lfilter(b, a, noise) + 0.25 * lfilter(b2, a2, noise)
    tongue = 1 + 1.5 * np.exp(-t / 0.012)
    tone = core * (1 - np.exp(-t / 0.005)) + 0.12 * breath * tongue
    # Slurred in pairs would blur the line, so the tone closes for a moment at each boundary.
    return tone * np.clip(t / 0.004, 0, 1) * np.clip((seconds - t) / 0.012, 0, 1)


audio = np.zeros(round(TOTAL * RATE))
time = 0.0
for midi, seconds in LINE:
    note = flute(midi, seconds)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += note
    time += seconds
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
