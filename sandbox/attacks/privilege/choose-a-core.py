# tries = "to choose the core it runs on, by which it could meet or hinder a neighbour"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

cores = os.sched_getaffinity(0)
for chosen in ({min(cores)}, {max(cores)}, cores):
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, chosen)
        print("ESCAPED: runs on", chosen)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
