"""A sine as the imaginary part of a rotating phasor, gated by a raised-cosine window."""

import numpy as np
from scipy.io import wavfile

RATE = 44100
G4 = 440.0 * 2 ** ((67 - 69) / 12)


def silence(seconds):
    return np.zeros(round(seconds * RATE))


def gated_sine(frequency, seconds, ramp=0.005):
    """Return a sine whose first and last `ramp` seconds follow half a cosine."""
    count = round(seconds * RATE)
    phasor = np.exp(2j * np.pi * frequency / RATE * np.arange(count))
    distance = np.minimum(np.arange(count), np.arange(count)[::-1]) / (ramp * RATE)
    gate = 0.5 - 0.5 * np.cos(np.pi * np.minimum(distance, 1))
    return phasor.imag * gate


audio = np.concatenate([silence(1), 0.7 * gated_sine(G4, 1), silence(1)])
wavfile.write("/out/output.wav", RATE, (audio * 32767).astype(np.int16))
