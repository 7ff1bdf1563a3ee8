# tries = "to run machine code it has written to any folder"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import subprocess
import wave

for folder in ("/tmp", "/out", "/job", "/dev/shm"):
    path = f"{folder}/program"
    with contextlib.suppress(OSError):
        with open("/usr/bin/true", "rb") as source, open(path, "wb") as file:
            file.write(source.read())
        os.chmod(path, 0o755)
        subprocess.run([path], check=True)
        print("ESCAPED: ran a program in", folder)
    with contextlib.suppress(OSError):
        os.unlink(path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
