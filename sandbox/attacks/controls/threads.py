# tries = "nothing: eight threads that fill one buffer"
# expect = ["ok"]
# never = ["ESCAPED"]

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import soundfile

samples = np.zeros(44096)


def fill(part):
    n = np.arange(part * 5512, (part + 1) * 5512)
    samples[n] = 0.3 * np.sin(2 * np.pi * 330 * n / 44100)


with ThreadPoolExecutor(8) as pool:
    list(pool.map(fill, range(8)))
soundfile.write("output.wav", samples, 44100)
