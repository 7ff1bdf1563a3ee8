# tries = "to keep stdout and stderr open in a child, so that who reads to their end waits for ever"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import time
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
if os.fork() == 0:
    while True:
        os.write(1, b"and another thing\n")
        time.sleep(0.05)
