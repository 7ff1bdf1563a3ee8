# tries = "to hand in a file of the system under a second name"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for path in ("/etc/passwd", "/etc/hosts", "/opt/probe/supervisor.py", "/proc/1/environ"):
    with contextlib.suppress(OSError):
        os.link(path, "output.wav")
        print("ESCAPED: a hard link to", path)
        os.unlink("output.wav")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
