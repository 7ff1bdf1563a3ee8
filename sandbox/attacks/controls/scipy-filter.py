# tries = "nothing: filtered noise with scipy, written by scipy.io"
# expect = ["ok"]
# never = ["ESCAPED"]

import numpy as np
from scipy import signal
from scipy.io import wavfile

noise = np.random.default_rng(7).standard_normal(44100)
b, a = signal.butter(4, 2000, fs=44100)
wavfile.write("output.wav", 44100, np.int16(6000 * signal.lfilter(b, a, noise)))
