# tries = "to collect orphans itself, so that PID 1 never sees them"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import os
import time
import wave

ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER
if os.fork() == 0:
    if os.fork() == 0:
        time.sleep(3600)
    os._exit(0)
os.wait()
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
