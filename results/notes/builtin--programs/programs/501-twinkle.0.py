"""A music box: steel teeth with stiff overtones, a pin that leaves them, a wooden case."""

import numpy as np
import soundfile as sf
from scipy.signal import iirpeak, lfilter

RATE = 44100
TOTAL = 4.0
BEAT = 60 / 120
TUNE = ((60, 1), (60, 1), (67, 1), (67, 1), (69, 1), (69, 1), (67, 2))

# Ratio, level, time constant in seconds.
MODES = ((1.0, 1.0, 0.7), (2.0, 0.22, 0.5), (3.0, 0.12, 0.3), (6.27, 0.2, 0.11), (17.5, 0.05, 0.03))

rng = np.random.default_rng(501)


def tooth(midi, seconds):
    """Return one tooth, let ring for `seconds` and then touched by its damper."""
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round((seconds + 0.03) * RATE)) / RATE
    tone = np.zeros_like(t)
    for ratio, level, tau in MODES:
        tone += level * np.exp(-t / tau) * np.sin(2 * np.pi * ratio * frequency * t)
    pin = np.diff(rng.standard_normal(t.size + 1)) * np.exp(-t / 0.0015)
    return (tone + 0.05 * pin) * np.where(t < seconds, 1, np.exp(-(t - seconds) / 0.005))


audio = np.zeros(round(TOTAL * RATE))
time = 0.0
for midi, beats in TUNE:
    note = tooth(midi, 0.9 * beats * BEAT)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += note
    time += beats * BEAT

b, a = iirpeak(820, 3, fs=RATE)
audio = audio + 0.25 * lfilter(b, a, audio)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
