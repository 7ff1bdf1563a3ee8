# tries = "to add a system call filter of its own that lies to programs with more rights"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import os
import subprocess
import wave

libc = ctypes.CDLL(None, use_errno=True)
SECCOMP = 317 if os.uname().machine == "x86_64" else 277
NEW_LISTENER = 8


class Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_uint16), ("code", ctypes.POINTER(Instruction)))


allow = (Instruction * 1)(Instruction(6, 0, 0, 0x7FFF0000))
listener = libc.syscall(ctypes.c_long(SECCOMP), 1, NEW_LISTENER, ctypes.byref(Filter(1, allow)))
if listener >= 0:
    print("ESCAPED: listens to system calls")
done = subprocess.run(["/bin/sh", "-c", "id -u"], capture_output=True, text=True)
if done.stdout.strip() == "0":
    print("ESCAPED: is root")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
