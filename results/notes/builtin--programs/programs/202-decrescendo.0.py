"""A square wave as the difference of two differentiated-parabola sawtooths, slowly fading."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL, LENGTH = 4.0, 3.5
FREQUENCY = 440.0 * 2 ** ((48 - 69) / 12)


def parabolic_sawtooth(phase, step):
    """Differentiate the square of a trivial sawtooth: the aliases fall 6 dB per octave faster."""
    parabola = (2 * (phase % 1.0) - 1) ** 2
    return np.diff(parabola) / (4 * step)


step = FREQUENCY / RATE
samples = round(LENGTH * RATE)
phase = np.arange(-1, samples) * step + 0.25
square = parabolic_sawtooth(phase, step) - parabolic_sawtooth(phase + 0.5, step)

loudness = np.linspace(1.0, 0.25, samples)
edge = round(0.006 * RATE)
loudness[:edge] *= np.linspace(0, 1, edge)
loudness[-edge:] *= np.linspace(1, 0, edge)

audio = np.zeros(round(TOTAL * RATE))
audio[:samples] = 0.65 * square * loudness
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
