# tries = "to type into the terminal of whoever started it"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import fcntl
import os
import wave

TIOCSTI, TIOCLINUX = 0x5412, 0x541C
files = [0, 1, 2]
for path in ("/dev/tty", "/dev/console", "/dev/tty0", "/dev/pts/0"):
    with contextlib.suppress(OSError):
        files.append(os.open(path, os.O_RDWR | os.O_NOCTTY))
for file in files:
    for request in (TIOCSTI, TIOCLINUX):
        with contextlib.suppress(OSError):
            fcntl.ioctl(file, request, b"i")
            print("ESCAPED: typed into descriptor", file)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
