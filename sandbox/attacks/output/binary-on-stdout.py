# tries = "every byte there is, in every order, where text is expected"
# expect = ["ok"]
# never = ["\u001b", "\u0000"]

import random
import sys
import wave

for stream in (sys.stdout.buffer, sys.stderr.buffer):
    stream.write(bytes(range(256)))
    stream.write(random.Random(7).randbytes(20_000))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
