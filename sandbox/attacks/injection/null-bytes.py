# id: null-bytes
# class: injection
# tries: to end the text early where it is passed to C
# expect: runtime_error
# never: \x00
# never: ESCAPED

import os

os.write(1, b"before\0after\n")
raise ValueError("before\0after")
