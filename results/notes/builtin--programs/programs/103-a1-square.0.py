"""A square wave whose steps are rounded by PolyBLEP, which takes most of the aliasing away."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 3.0
START, STOP = 0.25, 2.75
FREQUENCY = 55.0


def polyblep(phase, step):
    """Return the correction for an upward step of height 2 at phase 0 (phase in cycles)."""
    after = phase < step
    before = phase > 1 - step
    correction = np.zeros_like(phase)
    x = phase[after] / step
    correction[after] = 2 * x - x**2 - 1
    x = (phase[before] - 1) / step
    correction[before] = x**2 + 2 * x + 1
    return correction


step = FREQUENCY / RATE
phase = (np.arange(round((STOP - START) * RATE)) * step) % 1.0
square = np.where(phase < 0.5, 1.0, -1.0)
square += polyblep(phase, step) - polyblep((phase + 0.5) % 1.0, step)

edge = np.linspace(0, 1, round(0.004 * RATE))
square[: edge.size] *= edge
square[-edge.size :] *= edge[::-1]

audio = np.zeros(round(TOTAL * RATE))
begin = round(START * RATE)
audio[begin : begin + square.size] = 0.5 * square
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
