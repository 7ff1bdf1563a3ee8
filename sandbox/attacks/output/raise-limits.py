# tries = "to raise every hard limit it has been given"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import resource
import wave

for name in ("CORE", "NOFILE", "FSIZE", "MEMLOCK", "STACK", "NICE", "RTPRIO", "RTTIME", "MSGQUEUE"):
    limit = getattr(resource, f"RLIMIT_{name}")
    soft, hard = resource.getrlimit(limit)
    if hard == resource.RLIM_INFINITY:
        continue
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(limit, (soft, hard + 1))
        print("ESCAPED: raised", name)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
