# tries = "nothing: a program that says itself that it failed"
# expect = ["runtime_error"]
# detail = ["exit code 7"]
# never = ["ESCAPED"]

import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
raise SystemExit(7)
