# tries = "SIGKILL to every process it may signal"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import signal
import wave

with contextlib.suppress(ProcessLookupError):
    os.kill(-1, signal.SIGKILL)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
