# tries = "to cut the output to nothing while it is read, from a process that has it mapped"
# expect = ["ok", "invalid_audio"]
# never = ["ESCAPED"]

import mmap
import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
if os.fork() == 0:
    with open("output.wav", "r+b") as file:
        region = mmap.mmap(file.fileno(), 0)
        while True:
            os.ftruncate(file.fileno(), 0)
            os.ftruncate(file.fileno(), len(region))
