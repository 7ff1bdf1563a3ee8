# tries = "to share the excess out over processes that are each below the limit"
# expect = ["ok"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3, wall_s = 6 }

import os
import time
import wave

children = []
for _ in range(6):
    child = os.fork()
    if child == 0:
        kept = bytearray(b"\1") * (48 << 20)
        time.sleep(1)
        os._exit(0)
    children.append(child)
if all(os.waitpid(child, 0)[1] == 0 for child in children):
    print("ESCAPED: six times 48 MiB at once, of 128")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
