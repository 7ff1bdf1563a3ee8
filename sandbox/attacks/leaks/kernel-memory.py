# tries = "to read the memory of the kernel, the machine and its ports"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

for path in (
    "/proc/kcore",
    "/dev/mem",
    "/dev/kmem",
    "/dev/port",
    "/proc/vmcore",
    "/proc/kpageflags",
):
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if file.read(4096):
            print("ESCAPED:", path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
