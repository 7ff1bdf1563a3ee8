# tries = "nothing: asks the user a question; nobody answers"
# expect = ["ok"]
# never = ["ESCAPED"]

import sys
import wave

assert sys.stdin.read() == ""
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
