"""A string quartet: four filtered sawtooths, each part written as pitches and lengths in beats."""

import numpy as np
import soundfile as sf

RATE = 44100
BEAT = 0.5
SOUNDING = 0.9
PARTS = (
    "69 1 71 1 72 2  71 2 69 1 67 1  69 2 72 2  74 1 72 1 71 2"
    "  72 2 74 1 76 1  74 2 72 1 69 1  71 2 69 1 71 1  72 4",
    "65 2 67 1 69 1  67 2 65 2  67 2 69 2  69 2 67 2"
    "  69 2 71 2  69 1 71 1 69 1 65 1  65 2 65 1 67 1  69 4",
    "62 2 64 2  65 2 62 2  64 2 65 1 64 1  65 2 65 2"
    "  65 1 64 1 67 2  65 2 64 1 62 1  62 2 62 2  67 4",
    "60 2 62 2  62 1 60 1 59 2  60 2 62 2  60 1 62 1 62 2"
    "  62 2 60 2  60 2 59 2  60 1 60 1 60 2  64 4",
)

rng = np.random.default_rng(321)


def bow(midi, seconds):
    """Return one stroke: twelve harmonics with a soft start and a quick stop."""
    t = np.arange(round(seconds * RATE)) / RATE
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    tone = np.zeros(t.size)
    for n in range(1, 13):
        tone += np.sin(2 * np.pi * n * hertz * t + rng.uniform(0, 2 * np.pi)) / n * np.exp(-n / 6)
    return tone * np.clip(np.minimum(t / 0.015, (seconds - t) / 0.02), 0, 1)


audio = np.zeros(round(16.5 * RATE))
for part in PARTS:
    numbers = [int(word) for word in part.split()]
    beat = 0
    for midi, beats in zip(numbers[::2], numbers[1::2]):
        stroke = bow(midi, beats * BEAT * SOUNDING)
        begin = round(beat * BEAT * RATE)
        audio[begin : begin + stroke.size] += stroke
        beat += beats
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
