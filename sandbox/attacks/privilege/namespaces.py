# tries = "to become root in a world of its own"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import wave

libc = ctypes.CDLL(None, use_errno=True)
KINDS = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "net": 0x40000000,
    "time": 0x00000080,
}
for name, flag in KINDS.items():
    if libc.unshare(flag | 0) == 0 or libc.unshare(flag | KINDS["user"]) == 0:
        print("ESCAPED: a new", name, "namespace")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
