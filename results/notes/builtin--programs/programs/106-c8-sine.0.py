"""A digital resonator: a two-pole filter without loss, struck once, rings as a pure sine."""

import numpy as np
from scipy.io import wavfile
from scipy.signal import lfilter

RATE = 44100
TOTAL = 2.5
START, STOP = 0.25, 2.25
FREQUENCY = 440.0 * 2 ** ((108 - 69) / 12)

samples = round((STOP - START) * RATE)
omega = 2 * np.pi * FREQUENCY / RATE
impulse = np.zeros(samples)
impulse[0] = 1.0
tone = lfilter([0, np.sin(omega)], [1, -2 * np.cos(omega), 1], impulse)

ramp = 0.5 - 0.5 * np.cos(np.linspace(0, np.pi, round(0.005 * RATE)))
tone[: ramp.size] *= ramp
tone[-ramp.size :] *= ramp[::-1]

audio = np.zeros(round(TOTAL * RATE))
begin = round(START * RATE)
audio[begin : begin + samples] = 0.6 * tone
wavfile.write("/out/output.wav", RATE, np.round(audio * 32767).astype(np.int16))
