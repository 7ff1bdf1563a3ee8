# tries = "to make a program that runs as its owner and has another user run it"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for folder in ("/tmp", "/out", "/dev/shm"):
    path = f"{folder}/program"
    with open("/usr/bin/true", "rb") as source, open(path, "wb") as file:
        file.write(source.read())
    os.chmod(path, 0o6755)
    with contextlib.suppress(OSError):
        os.chown(path, 0, 0)
        print("ESCAPED: gave a file to root in", folder)
    os.unlink(path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
