# tries = "an output nobody may read"
# expect = ["no_output"]
# detail = ["cannot be read"]
# never = ["ESCAPED"]

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
os.chmod("output.wav", 0)
