# tries = "to start a child in new namespaces, by either of the two calls there are"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import os
import platform
import wave

CLONE = 56 if platform.machine() == "x86_64" else 220
libc = ctypes.CDLL(None, use_errno=True)
parent = os.getpid()


def attempt(number, *arguments):
    child = libc.syscall(ctypes.c_long(number), *arguments)
    if os.getpid() != parent or child == 0:
        os._exit(0)
    if child > 0:
        os.waitpid(child, 0)
        print("ESCAPED: system call", number, "made a namespace")


for flag in (0x10000000, 0x30000000, 0x50000000, 0x00020000):
    attempt(CLONE, ctypes.c_long(flag | 17), *[ctypes.c_long(0)] * 4)
    wanted = (ctypes.c_uint64 * 11)(flag, 0, 0, 0, 17)
    attempt(435, ctypes.byref(wanted), ctypes.c_long(64))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
