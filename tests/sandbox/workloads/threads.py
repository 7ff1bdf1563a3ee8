"""Threads with locks, queues, conditions, events, barriers and timers."""

import array
import math
import queue
import threading
import wave

blocks = queue.Queue()
parts = {}
lock, ready = threading.Lock(), threading.Condition()
barrier = threading.Barrier(4)


def render():
    barrier.wait(timeout=10)
    while (block := blocks.get()) is not None:
        samples = [math.sin(n / 20) for n in range(block * 1000, (block + 1) * 1000)]
        with lock:
            parts[block] = samples
        with ready:
            ready.notify()


workers = [threading.Thread(target=render, name=f"render-{n}") for n in range(4)]
for worker in workers:
    worker.start()
for block in range(22):
    blocks.put(block)
with ready:
    assert ready.wait_for(lambda: len(parts) == 22, timeout=10)
for _ in workers:
    blocks.put(None)
for worker in workers:
    worker.join()

rang = threading.Event()
threading.Timer(0.01, rang.set).start()
assert rang.wait(5)

samples = [value for block in sorted(parts) for value in parts[block]]
assert len(samples) == 22000
with wave.open("output.wav", "wb") as out:
    out.setparams((1, 2, 22000, 0, "NONE", ""))
    out.writeframes(array.array("h", (int(30000 * value) for value in samples)).tobytes())
