# tries = "to start working when it is already over"
# expect = ["ok"]
# never = ["ESCAPED"]

import atexit
import os
import time
import wave


def multiply():
    for _ in range(20):
        if os.fork() == 0:
            while True:
                os.write(2, b"still here\n")
                time.sleep(0.02)


atexit.register(multiply)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
