# tries = "to survive a kill of everything by children that fork and die faster than they are found"
# expect = ["ok", "timeout"]
# never = ["ESCAPED"]
# limits = { cpu_s = 2, wall_s = 4 }

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
for _ in range(6):
    if os.fork() == 0:
        while True:
            try:
                if os.fork():
                    os._exit(0)
            except BlockingIOError:
                pass
