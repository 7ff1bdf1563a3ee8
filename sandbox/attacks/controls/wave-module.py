# tries = "nothing: a tone with the standard library alone"
# expect = ["ok"]
# never = ["ESCAPED"]

import math
import struct
import wave

samples = (round(12000 * math.sin(2 * math.pi * 440 * n / 44100)) for n in range(44100))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(b"".join(struct.pack("<h", sample) for sample in samples))
