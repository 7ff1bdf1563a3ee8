"""Recursion of Python far beyond its default depth, caught when it goes too far, and big stacks."""

import sys
import threading
import wave


def depth(n):
    return 0 if n == 0 else 1 + depth(n - 1)


try:
    depth(10**6)
except RecursionError:
    pass
else:
    raise AssertionError("there is no end")

found = []


def far():
    sys.setrecursionlimit(60_000)
    found.append(depth(50_000))


threading.stack_size(64 << 20)
thread = threading.Thread(target=far)
thread.start()
thread.join()
assert found == [50_000]

with wave.open("output.wav", "wb") as out:
    out.setparams((1, 1, 8000, 0, "NONE", ""))
    out.writeframes(bytes((n * n >> 8) & 255 for n in range(8000)))
