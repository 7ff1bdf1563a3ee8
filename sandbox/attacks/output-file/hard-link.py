# tries = "an output with a second name, through which it could still change"
# expect = ["no_output"]
# detail = ["has other names"]
# never = ["ESCAPED"]

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
os.link("output.wav", "/out/second")
