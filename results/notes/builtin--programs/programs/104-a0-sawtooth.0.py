"""A band-limited impulse train (Dirichlet kernel in closed form), integrated into a sawtooth."""

import numpy as np
import soundfile as sf
from scipy.signal import lfilter

RATE = 44100
TOTAL, LENGTH = 4.0, 3.5
FREQUENCY = 27.5

samples = round(LENGTH * RATE)
harmonics = int(18000 / FREQUENCY)
# Half a cycle of phase puts the jumps of the sawtooth away from the start, and half a sample
# keeps the kernel off its zeros.
angle = np.pi * (FREQUENCY / RATE * (np.arange(samples) + 0.5) + 0.5)

# sin((2N + 1) a) / sin(a) is the sum of N cosines, doubled, plus one.
impulses = np.sin((2 * harmonics + 1) * angle) / np.sin(angle)
impulses = (impulses - 1) * FREQUENCY / RATE

# The integrator leaks a little: without it rounding errors would drift.
saw = 2 * lfilter([1], [1, -0.9995], impulses)
ramp = np.sin(np.linspace(0, np.pi / 2, round(0.006 * RATE))) ** 2
saw[: ramp.size] *= ramp
saw[-ramp.size :] *= ramp[::-1]

audio = np.zeros(round(TOTAL * RATE))
audio[:samples] = 0.75 * saw / np.max(np.abs(saw))
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
