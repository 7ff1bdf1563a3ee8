# tries = "to change the limits of PID 1 so that it can no longer do its work"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import resource
import wave

for name in ("NOFILE", "FSIZE", "CPU", "AS"):
    with contextlib.suppress(ValueError, OSError):
        resource.prlimit(1, getattr(resource, f"RLIMIT_{name}"), (0, 0))
        print("ESCAPED: lowered", name, "of PID 1")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
