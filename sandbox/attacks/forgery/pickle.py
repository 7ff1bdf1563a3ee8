# tries = "to be unpickled by the harness"
# expect = ["invalid_audio"]
# detail = ["does not begin with RIFF"]
# never = ["ESCAPED"]

import os
import pickle


class Payload:
    def __reduce__(self):
        return os.system, ("touch /tmp/probe-escaped",)


with open("output.wav", "wb") as file:
    pickle.dump(Payload(), file)
