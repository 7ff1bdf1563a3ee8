# tries = "folders within folders, deeper than any path can name"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
os.chdir("/tmp")
for _ in range(1900):
    os.mkdir("d")
    os.chdir("d")
