"""Karplus-Strong with a blended loss filter, the fraction of a sample made by interpolation."""

import numpy as np
import soundfile as sf
from scipy.signal import lfilter

RATE = 44100
TOTAL = 3.5
START, STEP = 0.5, 0.3
SCALE = (69, 67, 65, 64, 62, 60, 59, 57)
BLEND = 0.3


def phase_delay(taps, omega):
    """Return the delay in samples that an FIR filter gives a sine of angular frequency omega."""
    return -np.angle(np.sum(taps * np.exp(-1j * omega * np.arange(len(taps))))) / omega


def interpolator(fraction, omega):
    """Return two taps that delay a sine at omega by exactly `fraction` of a sample."""
    a = np.sin(fraction * omega) / (np.sin(fraction * omega) + np.sin((1 - fraction) * omega))
    return np.array([1 - a, a])


def pluck(midi, seconds):
    frequency = 440.0 * 2 ** ((midi - 69) / 12)
    omega = 2 * np.pi * frequency / RATE
    loss = 0.9975 * np.array([1 - BLEND, BLEND])
    remaining = RATE / frequency - phase_delay(loss, omega)
    whole = int(remaining)
    loop = np.convolve(loss, interpolator(remaining - whole, omega))

    samples = round(seconds * RATE)
    noise = np.zeros(samples)
    noise[:whole] = np.random.default_rng(midi).uniform(-1, 1, whole)
    noise[:whole] -= noise[:whole].mean()
    soft = lfilter([0.35, 0.65], [1], noise)
    string = lfilter([1], np.concatenate([[1], np.zeros(whole - 1), -loop]), soft)

    t = np.arange(samples) / RATE
    finger = np.clip((seconds - t) / 0.012, 0, 1)
    return string / np.max(np.abs(string)) * finger


audio = np.zeros(round(TOTAL * RATE))
for index, midi in enumerate(SCALE):
    note = pluck(midi, STEP)
    begin = round((START + index * STEP) * RATE)
    audio[begin : begin + note.size] += 0.75 * note
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
