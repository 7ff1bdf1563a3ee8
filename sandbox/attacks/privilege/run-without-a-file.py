# tries = "to run a program that is in no file system and so under no mount's rules"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

with contextlib.suppress(OSError):
    program = os.memfd_create("program")
    with open("/usr/bin/true", "rb") as source:
        os.write(program, source.read())
    child = os.fork()
    if child == 0:
        with contextlib.suppress(OSError):
            os.execve(program, ["program"], {})
        os._exit(1)
    if os.waitpid(child, 0)[1] == 0:
        print("ESCAPED: ran a program without a file")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
