# tries = "to hand in a file from elsewhere by way of a link"
# expect = ["no_output"]
# detail = ["symbolic link"]
# never = ["ESCAPED"]

import os
import wave

with wave.open("/tmp/tone.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
os.symlink("/tmp/tone.wav", "output.wav")
