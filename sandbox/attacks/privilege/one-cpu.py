# tries = "to use more than one processor's time"
# expect = ["ok"]
# never = ["ESCAPED"]
# limits = { cpu_s = 4, wall_s = 6 }

import os
import time
import wave

began = time.monotonic()
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        while time.monotonic() - began < 1.0:
            pass
        os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
used = sum(os.times()[2:4])
took = time.monotonic() - began
if used > 1.3 * took:
    print("ESCAPED: used", used, "s of CPU time in", took, "s")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
