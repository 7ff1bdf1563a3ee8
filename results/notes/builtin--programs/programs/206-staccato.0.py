"""FM with carrier and modulator in unison; the index falls, so every note starts bright."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 4.0
FREQUENCY = 440.0 * 2 ** ((65 - 69) / 12)
BEAT = 60 / 120
LENGTH = BEAT / 2


def note(frequency, seconds):
    """Return one FM note: 4 ms attack, gentle decay, 12 ms release before its end."""
    t = np.arange(round(seconds * RATE)) / RATE
    index = 0.6 + 2.2 * np.exp(-t / 0.06)
    modulator = index * np.sin(2 * np.pi * frequency * t)
    envelope = np.minimum(t / 0.004, 1) * np.exp(-t / 0.35)
    envelope *= np.clip((seconds - t) / 0.012, 0, 1)
    return envelope * np.sin(2 * np.pi * frequency * t + modulator)


audio = np.zeros(round(TOTAL * RATE))
one = note(FREQUENCY, LENGTH)
for beat in range(8):
    begin = round(beat * BEAT * RATE)
    audio[begin : begin + one.size] += 0.7 * one
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
