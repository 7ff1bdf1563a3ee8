"""A Karplus-Strong string with a pick-position comb and an all-pass for the exact pitch."""

import numpy as np
import soundfile as sf
from scipy.signal import iirpeak, lfilter

RATE = 44100
FREQUENCY = 440.0 * 2 ** ((55 - 69) / 12)
MUTED = 2.5

rng = np.random.default_rng(610)
t = np.arange(3 * RATE) / RATE
delay = RATE / FREQUENCY - 0.5
whole = int(delay - 0.5)
fraction = delay - whole
allpass = (1 - fraction) / (1 + fraction)
burst = np.zeros(t.size)
burst[:whole] = rng.uniform(-1, 1, whole)
comb = np.zeros(round(0.18 * whole) + 1)
comb[0], comb[-1] = 1, -0.9
burst = lfilter(comb, [1], burst)
# Loop: delay, two-point mean, all-pass; written as one recursive filter.
loop = np.convolve(0.997 * np.array([0.5, 0.5]), [allpass, 1])
denominator = np.zeros(whole + 3)
denominator[:2] = (1, allpass)
denominator[whole : whole + 3] -= loop
string = lfilter([1, allpass], denominator, burst)
audio = string.copy()
for centre, q, gain in ((105, 8, 0.4), (210, 8, 0.4), (400, 6, 0.2)):
    audio += gain * lfilter(*iirpeak(centre, q, fs=RATE), string)
audio *= np.interp(t, [0, 0.002, MUTED - 0.04, MUTED], [0, 1, 1, 0])
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
