"""A trumpet by discrete summation: Moorer's closed form of sum(aⁿ sin((n+1)x)), a = brightness."""

import numpy as np
import soundfile as sf
from scipy.signal import iirpeak, lfilter

RATE = 44100
TOTAL = 6.5
BEAT = 60 / 150
TUNE = (
    ((64, 1), (64, 1), (65, 1), (67, 1))
    + ((67, 1), (65, 1), (64, 1), (62, 1))
    + ((60, 1), (60, 1), (62, 1), (64, 1))
    + ((64, 1.5), (62, 0.5), (62, 2))
)


def trumpet(midi, seconds):
    """Return one note, brightest just after its attack."""
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE)) / RATE
    angle = 2 * np.pi * frequency * t
    bright = np.interp(t, [0, 0.025, 0.1, seconds - 0.05, seconds], [0.45, 0.8, 0.7, 0.66, 0.4])
    # a**40 < 2e-4 at a = 0.8: nothing worth hearing is folded back at these pitches.
    wave = np.sin(angle) / (1 - 2 * bright * np.cos(angle) + bright**2)
    wave *= 1 - bright**2
    lips = np.interp(t, [0, 0.015, 0.04, 0.12, seconds - 0.03, seconds], [0, 0.8, 1, 0.85, 0.8, 0])
    return wave * lips


audio = np.zeros(round(TOTAL * RATE))
time = 0.0
for midi, beats in TUNE:
    note = trumpet(midi, 0.85 * beats * BEAT)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += note
    time += beats * BEAT

bell_b, bell_a = iirpeak(1250, 1.5, fs=RATE)
audio = audio + 0.8 * lfilter(bell_b, bell_a, audio)
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
