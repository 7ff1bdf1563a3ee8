# tries = "to replace its own source, so that another program is recorded than the one that ran"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import wave

with open(__file__, "w") as file:
    file.write("raise SystemExit(1)\n")
os.chmod(__file__, 0o777)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
