"""An accordion: two free reeds beating a little, shaped by the bellows and the treble grille."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
TOTAL = 7.0
START, BEAT = 0.25, 60 / 150
TUNE = (
    ((65, 1), (65, 1), (65, 1), (67, 1))
    + ((69, 2), (67, 2))
    + ((65, 1), (69, 1), (67, 1), (67, 1))
    + ((65, 4),)
)


def free_reed(frequency, t, asymmetry):
    """Return a reed's air flow: open for a part of each cycle, as a sum of harmonics."""
    wave = np.zeros_like(t)
    for n in range(1, int(15000 / frequency)):
        level = abs(np.sinc(n * asymmetry)) * asymmetry + 0.25 / n**1.5
        wave += level * np.sin(2 * np.pi * n * frequency * t + 0.3 * n**1.5)
    return wave


def button(midi, seconds):
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE)) / RATE
    tone = free_reed(frequency * 2 ** (-1.2 / 1200), t, 0.31)
    tone += 0.8 * free_reed(frequency * 2 ** (1.2 / 1200), t, 0.27)
    bellows = 1 + 0.1 * np.sin(np.pi * t / seconds)
    return tone * bellows * np.clip(t / 0.012, 0, 1) * np.clip((seconds - t) / 0.02, 0, 1)


audio = np.zeros(round(TOTAL * RATE))
time = START
for midi, beats in TUNE:
    note = button(midi, 0.9 * beats * BEAT)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += note
    time += beats * BEAT
audio = sosfilt(butter(1, 3000, fs=RATE, output="sos"), audio)
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
