# tries = "to have the kernel run a program on the host when a group of processes is empty"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import ctypes
import glob
import os
import wave

agents = glob.glob("/sys/fs/cgroup/**/release_agent", recursive=True)
agents += glob.glob("/sys/fs/cgroup/**/notify_on_release", recursive=True)
for path in agents:
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY))
        print("ESCAPED: may write", path)
os.mkdir("/tmp/group")
libc = ctypes.CDLL(None)
for options in (b"rdma", b"memory", b"none,name=probe"):
    if libc.mount(b"cgroup", b"/tmp/group", b"cgroup", 0, options) == 0:
        print("ESCAPED: mounted a hierarchy of groups")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
