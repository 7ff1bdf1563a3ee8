# tries = "to open files until there are no descriptors left"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

opened = []
with contextlib.suppress(OSError):
    while len(opened) < 5000:
        opened.append(open("/dev/null"))
if len(opened) > 256:
    print("ESCAPED:", len(opened), "files open at a time")
for file in opened:
    file.close()
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
