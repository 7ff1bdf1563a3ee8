"""A recorder: a nearly pure tone with odd overtones and a chiff of breath at every attack."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
TOTAL = 6.0
BEAT = 60 / 160
BAR_1 = ((60, 1), (62, 1), (64, 1), (60, 1))
BAR_3 = ((64, 1), (65, 1), (67, 2))
TUNE = BAR_1 * 2 + BAR_3 * 2

rng = np.random.default_rng(502)


def recorder(midi, seconds):
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE)) / RATE
    angle = 2 * np.pi * frequency * t
    tone = (
        np.sin(angle)
        + 0.08 * np.sin(2 * angle)
        + 0.16 * np.sin(3 * angle)
        + 0.04 * np.sin(5 * angle)
    )
    wind = sosfilt(
        butter(2, [2 * frequency, 5000], "bandpass", fs=RATE, output="sos"),
        rng.standard_normal(t.size),
    )
    chiff = 0.12 * np.exp(-t / 0.015) + 0.012
    envelope = np.clip(t / 0.012, 0, 1) * np.clip((seconds - t) / 0.02, 0, 1)
    return (tone + chiff * wind) * envelope


audio = np.zeros(round(TOTAL * RATE))
time = 0.0
for midi, beats in TUNE:
    note = recorder(midi, 0.9 * beats * BEAT)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += note
    time += beats * BEAT
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
