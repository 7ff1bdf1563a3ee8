"""A clarinet in one breath: odd harmonics on a phase that jumps from semitone to semitone."""

import numpy as np
import soundfile as sf
from scipy.ndimage import uniform_filter1d

RATE = 44100
TOTAL = 3.0
START, STEP = 0.2, 0.2
PITCHES = np.arange(64, 77)
HARMONICS = {1: 1.0, 2: 0.06, 3: 0.62, 4: 0.07, 5: 0.38, 6: 0.08, 7: 0.2, 9: 0.12, 11: 0.06}

step = round(STEP * RATE)
samples = step * PITCHES.size
midi = np.repeat(PITCHES, step).astype(float)
# Fingers need a few milliseconds, in which the pitch slides.
midi = uniform_filter1d(midi, round(0.004 * RATE), mode="nearest")
frequency = 440.0 * 2 ** ((midi - 69) / 12)
phase = 2 * np.pi * np.cumsum(frequency) / RATE

t = np.arange(samples) / RATE
within = t % STEP
# Tonguing: the breath dips for an instant between the notes.
breath = np.clip(within / 0.012, 0, 1) * np.clip((STEP - within) / 0.008, 0, 1)

tone = np.zeros(samples)
for n, level in HARMONICS.items():
    audible = frequency * n < 15000
    tone += level * breath ** (1 + 0.15 * n) * audible * np.sin(n * phase)

noise = np.random.default_rng(403).standard_normal(samples)
air = np.convolve(noise, np.hanning(12) / 6, mode="same")
tone += 0.008 * air * breath

audio = np.zeros(round(TOTAL * RATE))
begin = round(START * RATE)
audio[begin : begin + samples] = tone
sf.write("/out/output.wav", 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
