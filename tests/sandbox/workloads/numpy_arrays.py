"""FFT, linear algebra in several threads, random numbers and files of numpy."""

import wave
from concurrent.futures import ThreadPoolExecutor

import numpy as np

rng = np.random.default_rng(0)
spectrum = np.zeros(22051, complex)
spectrum[[220, 440, 660]] = [0.5, 0.25, 0.125]
tone = np.fft.irfft(spectrum, 44100) * 22050
assert np.allclose(np.fft.rfft(tone) / 22050, spectrum)


def residual(_: int) -> float:
    matrix, vector = rng.normal(size=(120, 120)), np.ones(120)
    left, values, right = np.linalg.svd(matrix)
    assert np.allclose(left * values @ right, matrix)
    return float(np.abs(matrix @ np.linalg.solve(matrix, vector) - vector).max())


with ThreadPoolExecutor(4) as pool:
    assert max(pool.map(residual, range(8))) < 1e-6

np.save("/tmp/tone.npy", tone)
mapped = np.load("/tmp/tone.npy", mmap_mode="r")
assert np.array_equal(mapped, tone)
tone.tofile("/tmp/tone.raw")
assert np.fromfile("/tmp/tone.raw").shape == tone.shape

with wave.open("/out/output.wav", "wb") as out:
    out.setparams((1, 2, 44100, 0, "NONE", ""))
    out.writeframes((tone / 2 * 32767).astype("<i2").tobytes())
