"""Karplus-Strong guitar: a loop with Lagrange-interpolated delay, plus pluck and pickup combs."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, lfilter, sosfilt

RATE = 44100
TOTAL = 3.5
MUTED = 3.0
FREQUENCY = 440.0 * 2 ** ((52 - 69) / 12)


def lagrange(delay, order=3):
    """Return the taps of an FIR filter that delays by `delay` samples (order-1 to order+1 best)."""
    taps = np.ones(order + 1)
    for k in range(order + 1):
        for m in range(order + 1):
            if m != k:
                taps[k] *= (delay - m) / (k - m)
    return taps


def comb(signal, delay):
    """Take away a copy delayed by a whole number of samples: a node at that place of the string."""
    out = signal.copy()
    out[delay:] -= signal[:-delay]
    return out


samples = round(TOTAL * RATE)
period = RATE / FREQUENCY
loss = np.array([0.07, 0.86, 0.07]) * 0.9985

# The loop is z^-whole, the loss filter (one sample) and the rest by interpolation.
whole = int(period - 1 - 1.5)
loop = np.convolve(loss, lagrange(period - 1 - whole))

rng = np.random.default_rng(52)
burst = np.zeros(samples)
noise = rng.uniform(-1, 1, int(period))
burst[: noise.size] = noise - noise.mean()
burst = sosfilt(butter(2, 3200, fs=RATE, output="sos"), burst)
burst = comb(burst, round(0.18 * period))

string = lfilter([1], np.concatenate(([1], np.zeros(whole - 1), -loop)), burst)
pickup = comb(string, round(0.23 * period))
audio = sosfilt(butter(2, [60, 4200], "bandpass", fs=RATE, output="sos"), pickup)

t = np.arange(samples) / RATE
audio *= np.exp(-np.maximum(t - MUTED, 0) / 0.012) * np.clip((MUTED + 0.09 - t) / 0.02, 0, 1)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
