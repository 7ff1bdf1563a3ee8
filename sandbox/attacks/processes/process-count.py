# tries = "to count how many processes it can have at a time"
# expect = ["ok"]
# shows = "refused at"
# never = ["ESCAPED"]

import os
import signal
import wave

children = []
try:
    for _ in range(300):
        child = os.fork()
        if child == 0:
            signal.pause()
        children.append(child)
    print("ESCAPED: 300 processes")
except BlockingIOError:
    print("refused at", len(children))
    if len(children) >= 64:
        print("ESCAPED: more processes than are allowed")
for child in children:
    os.kill(child, signal.SIGKILL)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
