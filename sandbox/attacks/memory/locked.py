# tries = "to lock memory so that it cannot be swapped out"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import mmap
import wave

libc = ctypes.CDLL(None, use_errno=True)
region = mmap.mmap(-1, 1 << 20)
address = ctypes.addressof(ctypes.c_char.from_buffer(region))
if libc.mlock(ctypes.c_void_p(address), ctypes.c_size_t(1 << 20)) == 0:
    print("ESCAPED: mlock")
if libc.mlockall(1) == 0:
    print("ESCAPED: mlockall")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
