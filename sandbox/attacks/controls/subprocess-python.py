# tries = "nothing: a second Python that writes the samples to a pipe"
# expect = ["ok"]
# never = ["ESCAPED"]

import subprocess
import sys
import wave

code = "import sys; sys.stdout.buffer.write(bytes(range(0, 200, 4)) * 1764)"
frames = subprocess.run([sys.executable, "-c", code], stdout=subprocess.PIPE, check=True).stdout
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(frames)
