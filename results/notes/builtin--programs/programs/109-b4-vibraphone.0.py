"""Modal bar: vibraphone modes tuned 1 : 4 : 10.7, a resonator tube, a yarn mallet."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 3.5
DAMPED = 3.0
FREQUENCY = 440.0 * 2 ** ((71 - 69) / 12)

#        ratio, level, time constant in seconds
MODES = (
    (1.0, 1.0, 1.9),
    (4.0, 0.16, 0.55),
    (10.7, 0.05, 0.12),
    (18.9, 0.015, 0.04),
)

rng = np.random.default_rng(71)
t = np.arange(round(TOTAL * RATE)) / RATE
audio = np.zeros_like(t)
for ratio, level, tau in MODES:
    audio += level * np.exp(-t / tau) * np.sin(2 * np.pi * ratio * FREQUENCY * t)

# The tube under the bar answers a moment later and only at the fundamental.
tube = (1 - np.exp(-t / 0.02)) * np.exp(-t / 1.2)
audio += 0.25 * tube * np.sin(2 * np.pi * FREQUENCY * t)

mallet = np.convolve(rng.standard_normal(t.size), np.hanning(40) / 20, mode="same")
audio += 0.12 * mallet * np.exp(-t / 0.006)

audio *= np.minimum(t / 0.003, 1)
hand = np.where(t < DAMPED, 1, np.cos(np.clip((t - DAMPED) / 0.06, 0, 1) * np.pi / 2) ** 2)
audio *= hand
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
