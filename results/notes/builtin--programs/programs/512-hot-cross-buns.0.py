"""A recorder: a sine with a little third harmonic and a chiff of noise at each start."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
BEAT, SOUNDING = 0.5, 0.8
TUNE = (
    [(71, 1), (69, 1), (67, 2)] * 2
    + [(67, 0.5)] * 4
    + [(69, 0.5)] * 4
    + [(71, 1), (69, 1), (67, 2)]
)

rng = np.random.default_rng(512)
audio = np.zeros(8 * RATE)
beat = 0.0
for midi, beats in TUNE:
    length = beats * BEAT * SOUNDING
    t = np.arange(round(length * RATE)) / RATE
    turn = 2 * np.pi * 440.0 * 2 ** ((midi - 69) / 12) * t
    band = butter(1, [1200, 4000], "bandpass", fs=RATE, output="sos")
    chiff = 0.1 * np.exp(-t / 0.015) * sosfilt(band, rng.standard_normal(t.size))
    tone = np.sin(turn) + 0.08 * np.sin(2 * turn) + 0.12 * np.sin(3 * turn) + chiff
    tone *= np.clip(np.minimum(t / 0.01, (length - t) / 0.015), 0, 1)
    begin = round(beat * BEAT * RATE)
    audio[begin : begin + t.size] += tone
    beat += beats
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
