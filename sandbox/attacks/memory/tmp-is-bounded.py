# tries = "to store much more in /tmp than it holds"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

written = 0
with contextlib.suppress(OSError), open("/tmp/store", "wb", buffering=0) as file:
    while written < 60 << 20:
        written += file.write(bytes(1 << 20))
with contextlib.suppress(OSError), open("/tmp/more", "wb", buffering=0) as file:
    while written < 256 << 20:
        written += file.write(bytes(1 << 20))
os.unlink("/tmp/store")
os.unlink("/tmp/more")
if written > 64 << 20:
    print("ESCAPED: /tmp took", written, "bytes")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
