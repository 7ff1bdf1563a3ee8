# tries = "to leave jobs of a shell behind, out of Python's sight"
# expect = ["ok"]
# never = ["ESCAPED"]

import subprocess
import wave

subprocess.run(["/bin/sh", "-c", "(sleep 3600 &) ; (setsid sleep 3600 &) ; true"], check=True)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
