"""multiprocessing with spawn: each worker is a new Python that imports this file."""

import math
import multiprocessing as mp
import struct
import wave


def block(number):
    return b"".join(
        struct.pack("<h", int(20000 * math.sin((number * 2000 + n) / 15))) for n in range(2000)
    )


if __name__ == "__main__":
    spawn = mp.get_context("spawn")
    with spawn.Pool(2) as pool:
        blocks = pool.map(block, range(8))
    assert len(b"".join(blocks)) == 32000

    results = spawn.SimpleQueue()
    single = spawn.Process(target=results.put, args=("done",))
    single.start()
    assert results.get() == "done"
    single.join()
    assert single.exitcode == 0

    with wave.open("output.wav", "wb") as out:
        out.setparams((1, 2, 16000, 0, "NONE", ""))
        out.writeframes(b"".join(blocks))
