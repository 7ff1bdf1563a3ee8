# tries = "to fill the folder its own source lies in"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

written = 0
with contextlib.suppress(OSError), open("/job/more", "wb", buffering=0) as file:
    while written < 64 << 20:
        written += file.write(bytes(1 << 16))
if written > 2 << 20:
    print("ESCAPED: /job took", written, "bytes")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
