# tries = "to leave a message to the programs that come later, and to find one of those before"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for folder in (
    "/tmp",
    "/job",
    "/out",
    "/dev/shm",
    "/dev/mqueue",
    "/var/tmp",
    "/run",
    "/run/lock",
    "/",
):
    path = os.path.join(folder, "probe-escaped")
    if os.path.exists(path):
        print("ESCAPED: found", path)
    with contextlib.suppress(OSError), open(path, "w") as file:
        file.write("a message\n")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
