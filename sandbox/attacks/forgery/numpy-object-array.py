# tries = "to be loaded as an array of objects, which numpy unpickles"
# expect = ["invalid_audio"]
# detail = ["does not begin with RIFF"]
# never = ["ESCAPED"]

import os

import numpy as np


class Payload:
    def __reduce__(self):
        return os.system, ("touch /tmp/probe-escaped",)


with open("output.wav", "wb") as file:
    np.save(file, np.array([Payload()], dtype=object), allow_pickle=True)
