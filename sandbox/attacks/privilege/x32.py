# tries = "system calls of the x32 kind, which have other numbers"
# expect = ["ok"]
# never = ["ESCAPED"]
# arch = "x86_64"

import ctypes
import os
import wave

libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    os._exit(1 if libc.syscall(ctypes.c_long(0x40000000 | 39)) == os.getpid() else 0)
if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) > 0:
    print("ESCAPED: x32 system calls")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
