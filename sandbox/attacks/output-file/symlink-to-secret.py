# tries = "to be given a file it may not have, as its own output"
# expect = ["no_output"]
# detail = ["symbolic link"]
# never = ["root:", "ESCAPED"]
# quick = true

import os

os.symlink("/etc/passwd", "output.wav")
