"""Subtractive: a narrow band-limited pulse through a resonant low-pass, accented by level."""

import numpy as np
import soundfile as sf
from scipy.signal import lfilter

RATE = 44100
TOTAL = 4.5
FIRST, STEP, LENGTH = 0.25, 0.25, 0.2
FREQUENCY = 220.0
ACCENTS = {0, 3, 6}


def pulse(frequency, width, seconds):
    """Return a pulse wave of the given width as its Fourier series, without its mean."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = np.zeros_like(t)
    for n in range(1, int(18000 / frequency) + 1):
        wave += np.sin(np.pi * n * width) / n * np.cos(2 * np.pi * n * frequency * t)
    return wave


def resonant_lowpass(signal, cutoff, q):
    """Filter with the second-order low-pass of the audio EQ cookbook."""
    omega = 2 * np.pi * cutoff / RATE
    alpha, cos = np.sin(omega) / (2 * q), np.cos(omega)
    return lfilter(
        [(1 - cos) / 2, 1 - cos, (1 - cos) / 2], [1 + alpha, -2 * cos, 1 - alpha], signal
    )


tone = resonant_lowpass(pulse(FREQUENCY, 0.3, LENGTH), cutoff=1800, q=1.4)
t = np.arange(tone.size) / RATE
tone *= (
    np.minimum(t / 0.004, 1) * np.minimum(1, (LENGTH - t) / 0.01) * (0.7 + 0.3 * np.exp(-t / 0.05))
)
tone /= np.max(np.abs(tone))

audio = np.zeros(round(TOTAL * RATE))
for index in range(16):
    level = 1.0 if index % 8 in ACCENTS else 1 / 3
    begin = round((FIRST + index * STEP) * RATE)
    audio[begin : begin + tone.size] = 0.8 * level * tone
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
