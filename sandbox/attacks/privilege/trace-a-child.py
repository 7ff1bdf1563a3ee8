# tries = "to trace its own child, which has undone filters in the past"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import os
import wave

libc = ctypes.CDLL(None, use_errno=True)
child = os.fork()
if child == 0:
    os._exit(0 if libc.ptrace(0, 0, None, None) == -1 else 1)  # PTRACE_TRACEME
if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]):
    print("ESCAPED: ptrace")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
