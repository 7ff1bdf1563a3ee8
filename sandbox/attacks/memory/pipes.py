# tries = "to keep data in the kernel, in the buffers of as many pipes as there can be"
# expect = ["ok", "memory_limit", "runtime_error"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3, wall_s = 6 }

import contextlib
import fcntl
import os
import wave

pipes, written = [], 0
with contextlib.suppress(OSError):
    while True:
        pipes.append(os.pipe())
for _, end in pipes:
    os.set_blocking(end, False)
    with contextlib.suppress(OSError):
        fcntl.fcntl(end, fcntl.F_SETPIPE_SZ, 1 << 20)
    with contextlib.suppress(BlockingIOError):
        while True:
            written += os.write(end, bytes(1 << 16))
if written > 128 << 20:
    print("ESCAPED: the kernel holds", written, "bytes for this program")
for ends in pipes:
    for end in ends:
        os.close(end)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
