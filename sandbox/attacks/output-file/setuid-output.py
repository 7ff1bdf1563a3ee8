# tries = "an output that would run as its owner where it is copied with its mode"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
os.chmod("output.wav", 0o6777)
