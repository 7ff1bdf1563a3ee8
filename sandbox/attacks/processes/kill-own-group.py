# tries = "SIGKILL to its own process group, in the hope that PID 1 is in it"
# expect = ["crashed"]
# detail = ["SIGKILL"]
# never = ["ESCAPED"]

import os
import signal
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
os.killpg(0, signal.SIGKILL)
