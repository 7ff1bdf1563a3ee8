"""A wavetable sawtooth: the table holds only the harmonics that fit below the Nyquist limit."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 2.5
START, STOP = 0.5, 2.0
FREQUENCY = 440.0 * 2 ** ((88 - 69) / 12)
SIZE = 4096


def sawtooth_table(harmonics):
    """Return one cycle of a sawtooth, made from its spectrum, plus one sample to interpolate to."""
    spectrum = np.zeros(SIZE // 2 + 1, dtype=complex)
    n = np.arange(1, harmonics + 1)
    spectrum[1 : harmonics + 1] = -1j * SIZE / (np.pi * n)
    cycle = np.fft.irfft(spectrum, SIZE)
    return np.append(cycle, cycle[0])


table = sawtooth_table(int(0.46 * RATE / FREQUENCY))
samples = round((STOP - START) * RATE)
position = (np.arange(samples) * FREQUENCY / RATE % 1.0) * SIZE
saw = np.interp(position, np.arange(SIZE + 1), table)

edge = round(0.005 * RATE)
window = np.ones(samples)
window[:edge] = np.linspace(0, 1, edge)
window[-edge:] = np.linspace(1, 0, edge)

audio = np.zeros(round(TOTAL * RATE))
begin = round(START * RATE)
audio[begin : begin + samples] = 0.6 * saw * window
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
