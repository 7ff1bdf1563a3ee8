"""multiprocessing with fork: pool, queue, pipe, lock, shared values and shared memory."""

import multiprocessing as mp
from multiprocessing import shared_memory

import numpy as np
import soundfile as sf

fork = mp.get_context("fork")


def voice(frequency):
    return np.sin(2 * np.pi * frequency * np.arange(22050) / 22050)


def fill(name, column, counter, done):
    memory = shared_memory.SharedMemory(name)
    grid = np.ndarray((4, 1000), buffer=memory.buf)
    grid[column] = column
    with counter.get_lock():
        counter.value += 1
    done.put(column)
    del grid
    memory.close()


with fork.Pool(3) as pool:
    chord = sum(pool.map(voice, [220, 277.18, 329.63])) / 4

memory = shared_memory.SharedMemory(create=True, size=4 * 1000 * 8)
counter, done = fork.Value("i", 0), fork.Queue()
writers = [fork.Process(target=fill, args=(memory.name, n, counter, done)) for n in range(4)]
for writer in writers:
    writer.start()
assert sorted(done.get(timeout=10) for _ in writers) == [0, 1, 2, 3]
for writer in writers:
    writer.join()
    assert writer.exitcode == 0
assert counter.value == 4
assert np.ndarray((4, 1000), buffer=memory.buf).sum() == 6000
memory.close()
memory.unlink()

here, there = fork.Pipe()
echo = fork.Process(target=lambda: there.send(there.recv() * 2))
echo.start()
here.send(21)
assert here.recv() == 42
echo.join()

sf.write("output.wav", chord, 22050)
