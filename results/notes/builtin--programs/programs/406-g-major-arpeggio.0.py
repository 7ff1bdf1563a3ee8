"""A harpsichord of waveguides: two strings per key, a sharp plectrum, a jack that falls back."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, lfilter, sosfilt

RATE = 44100
TOTAL = 4.0
START, EIGHTH = 0.25, 0.25
NOTES = (55, 59, 62, 67, 71, 74, 79, 74, 71, 67, 62, 59, 55)

rng = np.random.default_rng(406)


def string(frequency, seconds, pluck_at):
    """Return one string: a delay line whose length is completed by a first-order all-pass."""
    omega = 2 * np.pi * frequency / RATE
    loss = np.array([0.03, 0.94, 0.03]) * 0.10 ** (1 / (3.5 * frequency))
    remaining = RATE / frequency - 1
    whole = int(remaining - 0.3)
    fraction = remaining - whole
    a = np.sin((1 - fraction) * omega / 2) / np.sin((1 + fraction) * omega / 2)

    samples = round(seconds * RATE)
    period = round(RATE / frequency)
    force = np.zeros(samples)
    force[:3] = 1.0, 0.8, 0.4
    # The pulse that runs to the bridge first arrives again, inverted, from the near end.
    force[round(pluck_at * period) :][:3] -= force[:3]
    denominator = np.zeros(whole + 4)
    denominator[:2] = 1, a
    denominator[whole : whole + 4] -= np.convolve(loss, [a, 1])
    return lfilter([1, a], denominator, force)


def key(midi, seconds):
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    choir = string(frequency * 2 ** (-0.5 / 1200), seconds, 0.11)
    choir += 0.7 * string(frequency * 2 ** (0.5 / 1200), seconds, 0.17)
    t = np.arange(choir.size) / RATE
    jack = np.exp(-np.abs(seconds - 0.012 - t) / 0.002) * rng.standard_normal(t.size)
    return choir * np.clip((seconds - t) / 0.014, 0, 1) + 0.01 * jack


audio = np.zeros(round(TOTAL * RATE))
for index, midi in enumerate(NOTES):
    seconds = EIGHTH if index < len(NOTES) - 1 else 2 * EIGHTH
    note = key(midi, seconds)
    begin = round((START + index * EIGHTH) * RATE)
    audio[begin : begin + note.size] += note
audio = sosfilt(butter(1, [60, 7000], "bandpass", fs=RATE, output="sos"), audio)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
