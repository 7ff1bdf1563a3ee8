# tries = "to replace good audio once the program has ended, from a process left behind"
# expect = ["ok", "invalid_audio"]
# never = ["ESCAPED"]

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
parent = os.getpid()
if os.fork() == 0:
    os.setsid()
    while os.getppid() == parent:
        pass
    while True:
        with open("output.wav", "wb") as late:
            late.write(b"written too late")
