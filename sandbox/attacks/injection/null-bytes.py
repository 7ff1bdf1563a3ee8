# tries = "to end the text early where it is passed to C"
# expect = ["runtime_error"]
# never = ["\u0000", "ESCAPED"]

import os

os.write(1, b"before\0after\n")
raise ValueError("before\0after")
