# tries = "to enter the namespaces of PID 1, or those it is in itself with more rights"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import ctypes
import os
import wave

libc = ctypes.CDLL(None, use_errno=True)
for pid in ("1", "self"):
    for name in ("mnt", "net", "user", "pid", "ipc", "uts", "cgroup"):
        with contextlib.suppress(OSError):
            file = os.open(f"/proc/{pid}/ns/{name}", os.O_RDONLY)
            if libc.setns(file, 0) == 0:
                print("ESCAPED: joined", pid, name)
            os.close(file)
with contextlib.suppress(OSError):
    file = os.pidfd_open(1)
    if libc.setns(file, 0x00020000) == 0:
        print("ESCAPED: joined the mounts of PID 1")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
