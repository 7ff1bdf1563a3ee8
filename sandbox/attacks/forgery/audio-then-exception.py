# tries = "to have good audio taken although the program failed"
# expect = ["runtime_error"]
# detail = ["RuntimeError: after the audio"]
# never = ["ESCAPED"]

import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
raise RuntimeError("after the audio")
