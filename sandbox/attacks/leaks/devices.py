# tries = "to find a device beside those every program needs"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import wave

USUAL = {
    *(
        "null",
        "zero",
        "full",
        "random",
        "urandom",
        "tty",
        "console",
        "ptmx",
        "pts",
        "shm",
        "mqueue",
    ),
    *("core", "fd", "stdin", "stdout", "stderr"),
}
if others := set(os.listdir("/dev")) - USUAL:
    print("ESCAPED:", sorted(others))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
