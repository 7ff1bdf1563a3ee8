# tries = "to keep data in the kernel, in the buffers of connected pairs of sockets"
# expect = ["ok", "memory_limit", "runtime_error"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3, wall_s = 6 }

import contextlib
import socket
import wave

pairs, written = [], 0
with contextlib.suppress(OSError):
    while len(pairs) < 100:
        pairs.append(socket.socketpair())
for end, _ in pairs:
    end.setblocking(False)
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 16 << 20)
    with contextlib.suppress(OSError):
        while True:
            written += end.send(bytes(1 << 16))
if written > 128 << 20:
    print("ESCAPED: the kernel holds", written, "bytes for this program")
for pair in pairs:
    for end in pair:
        end.close()
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
