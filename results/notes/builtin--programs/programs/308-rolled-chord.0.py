"""Plucked harp strings: Karplus-Strong loops tuned by an all-pass, plucked near the middle."""

import numpy as np
import soundfile as sf
from scipy.signal import lfilter

RATE = 44100
TOTAL = 4.0
FIRST, STAGGER, DAMPED = 0.2, 0.12, 3.5
STRINGS = (52, 59, 62, 67, 78)


def harp_string(midi, seconds, decay_time):
    """Return one string that falls by 60 dB in `decay_time` seconds."""
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    omega = 2 * np.pi * frequency / RATE
    period = RATE / frequency

    # Averaging loss of half a sample; what is left of the period goes to a first-order all-pass.
    whole = int(period - 0.5 - 0.3)
    rest = period - 0.5 - whole
    a = np.sin((1 - rest) * omega / 2) / np.sin((1 + rest) * omega / 2)
    gain = 10 ** (-3 / (decay_time * frequency)) / np.cos(omega / 2)

    # y = x + gain * mean(delayed y) through (a + z^-1) / (1 + a z^-1), as one long recursion.
    loop = gain * np.convolve([0.5, 0.5], [a, 1.0])
    denominator = np.zeros(whole + 3)
    denominator[:2] = 1.0, a
    denominator[whole : whole + 3] -= loop

    samples = round(seconds * RATE)
    pluck = np.zeros(samples)
    length = int(period)
    shape = np.concatenate(
        [np.linspace(0, 1, length // 3), np.linspace(1, 0, length - length // 3)]
    )
    pluck[:length] = shape - shape.mean()
    pluck[1:length] += 0.8 * np.diff(np.random.default_rng(midi).uniform(-0.4, 0.4, length))
    return lfilter([1.0, a], denominator, pluck)


audio = np.zeros(round(TOTAL * RATE))
for index, midi in enumerate(STRINGS):
    start = FIRST + index * STAGGER
    string = harp_string(midi, TOTAL - start, decay_time=12 - 0.31 * (midi - 52))
    string -= string.mean()
    audio[-string.size :] += string / np.max(np.abs(string))

t = np.arange(audio.size) / RATE
audio *= np.exp(-np.maximum(t - DAMPED, 0) / 0.015) * np.clip((DAMPED + 0.09 - t) / 0.02, 0, 1)
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
