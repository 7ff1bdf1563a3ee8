"""concurrent.futures: a pool of processes, and an exception that comes back from one."""

from concurrent.futures import ProcessPoolExecutor, as_completed

import numpy as np
import soundfile as sf


def partial(number):
    if number == 0:
        raise ValueError("partials count from one")
    return np.sin(2 * np.pi * 110 * number * np.arange(16000) / 16000) / number


with ProcessPoolExecutor(max_workers=3) as pool:
    futures = [pool.submit(partial, number) for number in range(1, 7)]
    tone = sum(future.result() for future in as_completed(futures))
    refused = pool.submit(partial, 0)
    assert isinstance(refused.exception(timeout=10), ValueError)

sf.write("output.wav", 0.3 * tone, 16000)
