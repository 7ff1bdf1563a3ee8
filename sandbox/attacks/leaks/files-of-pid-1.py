# tries = "to look at, and open, the files PID 1 has open and its view of the file system"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for name in ("fd", "fdinfo", "ns", "cwd", "root", "exe"):
    with contextlib.suppress(OSError):
        print("ESCAPED:", name, os.listdir(f"/proc/1/{name}"))
    with contextlib.suppress(OSError):
        print("ESCAPED:", name, os.readlink(f"/proc/1/{name}"))
for number in range(64):
    with contextlib.suppress(OSError), open(f"/proc/1/fd/{number}", "rb"):
        print("ESCAPED: opened descriptor", number)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
