# tries = "to leave stopped processes behind, which do not react to most signals"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import signal
import wave

for _ in range(10):
    if os.fork() == 0:
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
