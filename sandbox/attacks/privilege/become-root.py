# tries = "to become another user or join another group"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for attempt in (
    lambda: os.setuid(0),
    lambda: os.setgid(0),
    lambda: os.setresuid(0, 0, 0),
    lambda: os.setresgid(-1, 0, -1),
    lambda: os.setreuid(-1, 1000),
    lambda: os.setgroups([0]),
    lambda: os.initgroups("root", 0),
):
    with contextlib.suppress(OSError):
        attempt()
        print("ESCAPED:", os.getresuid(), os.getresgid(), os.getgroups())
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
