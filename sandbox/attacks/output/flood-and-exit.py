# tries = "to leave a full pipe behind and end at once with good audio"
# expect = ["ok", "output_limit"]
# never = ["ESCAPED"]

import fcntl
import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
for stream in (1, 2):
    fcntl.fcntl(stream, fcntl.F_SETFL, os.O_NONBLOCK)
    try:
        while True:
            os.write(stream, b"y" * 65536)
    except BlockingIOError:
        pass
