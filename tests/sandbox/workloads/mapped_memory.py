"""mmap: anonymous and shared with a child, a file read and written in place, numpy on top."""

import mmap
import os
import wave

import numpy as np

shared = mmap.mmap(-1, 1 << 16)
child = os.fork()
if child == 0:
    np.frombuffer(shared, "<i2")[:] = np.arange(32768) % 20000
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
samples = np.frombuffer(shared, "<i2").copy()
assert samples[20001] == 1

shared.resize(1 << 17)
shared.madvise(mmap.MADV_DONTNEED)

with wave.open("output.wav", "wb") as out:
    out.setparams((1, 2, 16000, 0, "NONE", ""))
    out.writeframes(bytes(samples.nbytes))
with open("output.wav", "r+b") as file, mmap.mmap(file.fileno(), 0) as mapped:
    mapped[44:] = samples.tobytes()
    mapped.flush()
with wave.open("output.wav") as read:
    assert read.readframes(read.getnframes()) == samples.tobytes()
