# tries = "to read the environment and command line PID 1 was started with"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

for name in ("environ", "auxv", "stack", "syscall", "io", "personality"):
    with contextlib.suppress(OSError), open(f"/proc/1/{name}", "rb") as file:
        print("ESCAPED: /proc/1/" + name, file.read())
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
