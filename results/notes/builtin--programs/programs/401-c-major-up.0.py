"""Eight sines written one after the other, each with short ramps inside its own half second."""

import numpy as np
import soundfile as sf

RATE = 44100
BEAT = 60 / 120
SCALE = (60, 62, 64, 65, 67, 69, 71, 72)


def sine(midi, seconds, ramp=0.006):
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    t = np.arange(round(seconds * RATE)) / RATE
    gate = np.clip(np.minimum(t, seconds - t) / ramp, 0, 1)
    return np.sin(2 * np.pi * frequency * t) * gate


audio = np.concatenate([0.7 * sine(midi, BEAT) for midi in SCALE])
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
