# tries = "to see processes that are not its own"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

own = {1, os.getpid()}
for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
    if pid not in own:
        print("ESCAPED: sees process", pid)
for pid in range(2, 33_000):
    if pid not in own:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, 0)
            print("ESCAPED: may signal process", pid)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
