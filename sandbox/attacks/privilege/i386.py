# tries = "a system call by the 32-bit gate, which a filter of 64-bit numbers does not see"
# expect = ["ok"]
# never = ["ESCAPED"]
# arch = "x86_64"

import ctypes
import mmap
import os
import wave

GETPID = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret
region = mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
region.write(GETPID)
getpid = ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(region)))
child = os.fork()
if child == 0:
    os._exit(1 if getpid() == os.getpid() else 0)
if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) > 0:
    print("ESCAPED: 32-bit system calls")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
