# tries = "to spoil good audio from a finalizer, when the interpreter is half gone"
# expect = ["invalid_audio"]
# detail = ["empty"]
# never = ["ESCAPED"]

import wave


class Spoiler:
    truncate = staticmethod(__import__("os").truncate)

    def __del__(self):
        self.truncate("/out/output.wav", 0)


spoiler = Spoiler()
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
