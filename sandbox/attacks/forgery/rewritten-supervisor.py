# tries = "to change the supervisor, the interpreter and the libraries in their files"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave
import wave as library

import numpy

for path in ("/opt/probe/supervisor.py", "/usr/bin/python3", library.__file__, numpy.__file__):
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY))
        print("ESCAPED: may write", path)
    with contextlib.suppress(OSError):
        os.rename(path, path + ".old")
        print("ESCAPED: renamed", path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
