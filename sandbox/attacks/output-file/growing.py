# tries = "to let the output grow while it is read"
# expect = ["ok", "output_limit", "invalid_audio", "no_output"]
# never = ["ESCAPED"]
# limits = { audio_bytes = 4194304 }

import os
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
if os.fork() == 0:
    with open("output.wav", "ab", buffering=0) as file:
        while True:
            file.write(bytes(4096))
