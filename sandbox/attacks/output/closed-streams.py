# tries = "to end with all three standard streams closed"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
for stream in (0, 1, 2):
    os.close(stream)
os._exit(0)
