# tries = "to exchange the output and a link to a secret, so fast that checking and opening differ"
# expect = ["ok", "no_output", "invalid_audio"]
# never = ["root:", "ESCAPED"]
# limits = { wall_s = 4 }

import contextlib
import os
import time
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
os.symlink("/etc/passwd", "link")
for _ in range(3):
    if os.fork() == 0:
        while True:
            with contextlib.suppress(OSError):
                os.rename("output.wav", "tone")
                os.rename("link", "output.wav")
                os.rename("output.wav", "link")
                os.rename("tone", "output.wav")
time.sleep(0.3)
