"""Waveshaping saxophone: Chebyshev polynomials bend a cosine, formants and breath are added."""

import numpy as np
import soundfile as sf
from numpy.polynomial import chebyshev
from scipy.signal import butter, iirpeak, lfilter, sosfilt

RATE = 44100
TOTAL = 3.0
LENGTH = 2.5
FREQUENCY = 440.0 * 2 ** ((61 - 69) / 12)

# The n-th Chebyshev polynomial turns cos(x) into cos(nx): the weights are harmonic levels.
HARMONICS = [0, 1.0, 0.75, 0.5, 0.42, 0.2, 0.13, 0.1, 0.06, 0.04, 0.025, 0.02, 0.012, 0.01]

rng = np.random.default_rng(61)
samples = round(LENGTH * RATE)
t = np.arange(samples) / RATE

breath = np.interp(t, [0, 0.03, 0.12, LENGTH - 0.06, LENGTH], [0.7, 0.88, 0.97, 0.93, 0.8])
# The reed lets go of high harmonics at low pressure, as the polynomial does of a small cosine.
source = chebyshev.chebval(breath * np.cos(2 * np.pi * FREQUENCY * t), HARMONICS)
source -= chebyshev.chebval(0.0, HARMONICS)

body = source
for centre, q, gain in ((620, 2.5, 0.7), (1350, 3.0, 0.6), (2600, 4.0, 0.4)):
    b, a = iirpeak(centre, q, fs=RATE)
    body = body + gain * lfilter(b, a, source)

air = sosfilt(
    butter(2, [900, 6000], "bandpass", fs=RATE, output="sos"), rng.standard_normal(samples)
)
body = body + 0.035 * air * breath
body = sosfilt(butter(2, 90, "highpass", fs=RATE, output="sos"), body)

gate = np.minimum(1, t / 0.012) * np.minimum(1, (LENGTH - t) / 0.025)
audio = np.zeros(round(TOTAL * RATE))
audio[:samples] = body * gate
sf.write("/out/output.wav", 0.55 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
