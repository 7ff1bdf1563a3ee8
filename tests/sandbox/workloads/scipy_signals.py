"""Filters, statistics, interpolation, optimization and WAV files of scipy."""

import numpy as np
from scipy import fft, interpolate, optimize, signal, stats
from scipy.io import wavfile

rate = 44100
noise = np.random.default_rng(1).normal(size=rate)
assert stats.kstest(noise, "norm").pvalue > 0.001

low = signal.sosfilt(signal.butter(4, 800, fs=rate, output="sos"), noise)
frequencies, power = signal.welch(low, rate, nperseg=4096)
assert power[frequencies > 3000].max() < 1e-3 * power[frequencies < 500].mean()

chirp = signal.chirp(np.arange(rate) / rate, 100, 1, 4000)
echo = signal.fftconvolve(chirp, np.r_[1.0, np.zeros(4999), 0.5])[:rate]
assert np.allclose(fft.irfft(fft.rfft(chirp), rate), chirp)

envelope = interpolate.PchipInterpolator([0, 0.1, 1], [0, 1, 0])(np.arange(rate) / rate)
root = optimize.brentq(lambda x: x**2 - 2, 0, 2)
assert abs(root - 2**0.5) < 1e-9

wavfile.write("output.wav", rate, (0.3 * envelope * (echo + 0.1 * low)).astype(np.float32))
read_rate, samples = wavfile.read("output.wav", mmap=True)
assert read_rate == rate
assert samples.shape == (rate,)
