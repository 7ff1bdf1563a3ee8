# tries = "an output that is open but has no name any more"
# expect = ["no_output"]
# never = ["ESCAPED"]

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
kept = os.open("output.wav", os.O_RDONLY)
os.unlink("output.wav")
