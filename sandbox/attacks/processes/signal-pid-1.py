# tries = "every signal to PID 1, which holds it to its limits"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import signal
import time
import wave

for number in signal.valid_signals():
    with contextlib.suppress(OSError):
        os.kill(1, number)
time.sleep(0.1)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
