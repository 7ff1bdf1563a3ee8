# tries = "to write into the channel between PID 1 and the harness"
# expect = ["ok"]
# never = ["FORGED", "ESCAPED"]

import contextlib
import os
import wave

for number in range(32):
    for folder in ("fd", "task/1/fd"):
        with contextlib.suppress(OSError):
            file = os.open(f"/proc/1/{folder}/{number}", os.O_WRONLY | os.O_NONBLOCK)
            os.write(file, b"FORGED")
            print("ESCAPED: wrote to descriptor", number, "of PID 1")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
