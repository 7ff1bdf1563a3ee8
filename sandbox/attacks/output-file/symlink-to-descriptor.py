# tries = "a link to an open file of PID 1"
# expect = ["no_output"]
# detail = ["symbolic link"]
# never = ["ESCAPED"]

import os

os.symlink("/proc/1/fd/3", "output.wav")
