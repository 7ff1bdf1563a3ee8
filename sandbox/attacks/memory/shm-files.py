# tries = "to keep data in /dev/shm, which is memory"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

written = 0
with contextlib.suppress(OSError), open("/dev/shm/store", "wb", buffering=0) as file:
    while written < 64 << 20:
        written += file.write(bytes(1 << 20))
if written > 8 << 20:
    print("ESCAPED: /dev/shm took", written, "bytes")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
