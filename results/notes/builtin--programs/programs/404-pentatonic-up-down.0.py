"""A kalimba: the modes of a clamped tongue, a thumbnail's tick and the box it sits on."""

import numpy as np
import soundfile as sf
from scipy.signal import iirpeak, lfilter

RATE = 44100
TOTAL = 4.0
START = 0.25
EIGHTH = 60 / 120 / 2
MELODY = (57, 60, 62, 64, 67, 69, 67, 64, 62, 60, 57)
VALUES = [1] * 10 + [4]

# Ratio, level, time constant in seconds; a clamped bar's next modes lie at 6.27 and 17.5.
MODES = ((1, 1.0, 0.55), (2, 0.1, 0.25), (6.27, 0.16, 0.06), (17.5, 0.03, 0.015))

rng = np.random.default_rng(404)


def tongue(midi, seconds):
    """Return one note, stopped at its end."""
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE)) / RATE
    tone = np.zeros_like(t)
    for ratio, level, tau in MODES:
        tone += level * np.exp(-t / tau) * np.sin(2 * np.pi * ratio * frequency * t)
    nail = rng.standard_normal(t.size) * np.exp(-t / 0.002)
    return (tone + 0.1 * nail) * np.clip((seconds - t) / 0.015, 0, 1)


audio = np.zeros(round(TOTAL * RATE))
time = START
for midi, value in zip(MELODY, VALUES):
    note = tongue(midi, value * EIGHTH)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += note
    time += value * EIGHTH

b, a = iirpeak(310, 4, fs=RATE)
audio = audio + 0.3 * lfilter(b, a, audio)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
