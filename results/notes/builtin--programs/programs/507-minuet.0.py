"""Additive harpsichord: a plucked string's comb of partials, low ones ringing longer than high."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 5.0
BEAT = 60 / 150
BARS = (
    ((74, 1), (67, 0.5), (69, 0.5), (71, 0.5), (72, 0.5)),
    ((74, 1), (67, 1), (67, 1)),
    ((76, 1), (72, 0.5), (74, 0.5), (76, 0.5), (78, 0.5)),
    ((79, 1), (67, 1), (67, 1)),
)
PLUCK = 0.13
STIFFNESS = 6e-5

rng = np.random.default_rng(507)


def key(midi, seconds):
    """Return one key: partials n·f·sqrt(1 + B·n²) with the levels sin(πnp)/n of a pluck at p."""
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round((seconds + 0.04) * RATE)) / RATE
    tone = np.zeros_like(t)
    for n in range(1, 40):
        partial = n * frequency * np.sqrt((1 + STIFFNESS * n**2) / (1 + STIFFNESS))
        if partial > 14000:
            break
        level = np.sin(np.pi * n * PLUCK) / n**0.8
        decay = np.exp(-t * (1.6 + 0.0012 * partial))
        tone += level * decay * np.sin(2 * np.pi * partial * t)
    quill = rng.standard_normal(t.size) * np.exp(-t / 0.0012)
    damper = np.where(t < seconds, 1, np.exp(-(t - seconds) / 0.007))
    return (tone + 0.15 * quill) * damper * np.clip(t / 0.001, 0, 1)


audio = np.zeros(round(TOTAL * RATE))
time = 0.0
for midi, beats in (note for bar in BARS for note in bar):
    note = key(midi, 0.8 * beats * BEAT)
    begin = round(time * RATE)
    audio[begin : begin + note.size] += note
    time += beats * BEAT
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
