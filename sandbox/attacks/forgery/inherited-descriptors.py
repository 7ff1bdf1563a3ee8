# tries = "to find a descriptor that was not meant for it"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for number in range(3, 1024):
    with contextlib.suppress(OSError):
        os.fstat(number)
        print("ESCAPED: descriptor", number, os.readlink(f"/proc/self/fd/{number}"))
if os.readlink("/proc/self/fd/0") != "/dev/null":
    print("ESCAPED: stdin is", os.readlink("/proc/self/fd/0"))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
