# tries = "a link that leads to itself"
# expect = ["no_output"]
# detail = ["symbolic link"]
# never = ["ESCAPED"]

import os

os.symlink("output.wav", "output.wav")
