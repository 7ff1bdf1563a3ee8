"""A sampled sine, with ramps of five milliseconds so that neither end clicks."""

import wave

import numpy as np

RATE = 44100
DURATION = 2.0

t = np.arange(round(RATE * DURATION)) / RATE
tone = 0.7 * np.sin(2 * np.pi * 440.0 * t)

ramp = np.sin(np.linspace(0, np.pi / 2, round(0.005 * RATE))) ** 2
tone[: ramp.size] *= ramp
tone[-ramp.size :] *= ramp[::-1]

with wave.open("/out/output.wav", "wb") as out:
    out.setnchannels(1)
    out.setsampwidth(2)
    out.setframerate(RATE)
    out.writeframes(np.round(tone * 32767).astype("<i2").tobytes())
