# tries = "nothing: a pool of forked processes, with the semaphores and pipes it needs"
# expect = ["ok"]
# never = ["ESCAPED"]

import multiprocessing

import numpy as np
import soundfile


def partial(k):
    return np.sin(2 * np.pi * 220 * k * np.arange(44100) / 44100) / k


with multiprocessing.get_context("fork").Pool(3) as pool:
    soundfile.write("output.wav", 0.2 * sum(pool.map(partial, range(1, 7))), 44100)
