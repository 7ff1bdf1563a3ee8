# tries = "good audio, then a finalizer that spins while the interpreter is torn down"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

import wave


class Clinging:
    def __del__(self):
        while True:
            pass


with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
clinging = Clinging()
