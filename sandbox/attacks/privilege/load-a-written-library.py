# tries = "to load a library it has written"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import ctypes
import glob
import wave

library = glob.glob("/lib/*/libm.so.6")[0]
for folder in ("/tmp", "/out", "/dev/shm"):
    with open(library, "rb") as source, open(f"{folder}/library.so", "wb") as file:
        file.write(source.read())
    with contextlib.suppress(OSError):
        ctypes.CDLL(f"{folder}/library.so")
        print("ESCAPED: loaded from", folder)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
