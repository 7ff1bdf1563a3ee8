# tries = "to end with code 0 in the middle of its work"
# expect = ["invalid_audio"]
# detail = ["truncated", "RIFF header says", "never finished"]
# never = ["ESCAPED"]

import os
import wave

file = open("output.wav", "wb")
with wave.open(file, "wb") as tone:
    tone.setparams((1, 2, 44100, 44100, "NONE", ""))
    tone.writeframesraw(bytes(range(0, 200, 4)) * 40)
    file.flush()
    os._exit(0)
