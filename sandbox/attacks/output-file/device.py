# tries = "an endless device in the place of the output"
# expect = ["runtime_error"]
# detail = ["PermissionError"]
# never = ["ESCAPED"]

import os
import stat

os.mknod("output.wav", stat.S_IFCHR | 0o666, os.makedev(1, 5))
print("ESCAPED: made /dev/zero anew")
