# tries = "to copy the open files of PID 1 by way of a handle on the process"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import ctypes
import os
import wave

libc = ctypes.CDLL(None, use_errno=True)
with contextlib.suppress(OSError):
    process = os.pidfd_open(1)
    for number in range(16):
        if libc.syscall(ctypes.c_long(438), process, number, 0) >= 0:  # pidfd_getfd
            print("ESCAPED: has descriptor", number, "of PID 1")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
