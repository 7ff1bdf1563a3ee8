# tries = "to outlive its own end as a daemon in a session of its own"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import time
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        time.sleep(3600)
    os._exit(0)
