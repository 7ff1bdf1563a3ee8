# tries = "to reserve room for a file without writing it"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

with open("/tmp/reserved", "wb") as file, contextlib.suppress(OSError):
    os.posix_fallocate(file.fileno(), 0, 1 << 36)
    print("ESCAPED: reserved 64 GiB")
os.unlink("/tmp/reserved")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
