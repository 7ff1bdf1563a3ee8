# tries = "to attach to PID 1 as a debugger, and to write into its memory"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import ctypes
import wave

libc = ctypes.CDLL(None, use_errno=True)
ATTACH, SEIZE = 16, 0x4206
for request in (ATTACH, SEIZE):
    if libc.ptrace(request, 1, None, None) == 0:
        print("ESCAPED: traces PID 1")
buffer = ctypes.create_string_buffer(64)
local = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 64)
remote = (ctypes.c_size_t * 2)(0x400000, 64)
for call in (libc.process_vm_readv, libc.process_vm_writev):
    if call(1, ctypes.byref(local), 1, ctypes.byref(remote), 1, 0) >= 0:
        print("ESCAPED: the memory of PID 1")
with contextlib.suppress(OSError), open("/proc/1/mem", "r+b"):
    print("ESCAPED: the memory of PID 1 by its file")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
