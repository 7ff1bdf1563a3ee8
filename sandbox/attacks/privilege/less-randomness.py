# tries = "to switch off the random placement of memory"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import wave

ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC, ASK = 0x0040000, 0x0400000, 0xFFFFFFFF
libc = ctypes.CDLL(None, use_errno=True)
for flag in (ADDR_NO_RANDOMIZE, READ_IMPLIES_EXEC):
    libc.personality(ctypes.c_ulong(flag))
    if libc.personality(ctypes.c_ulong(ASK)) & flag:
        print("ESCAPED: personality", hex(flag))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
