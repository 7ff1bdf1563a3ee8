# tries = "to fork without end and never give up when refused"
# expect = ["timeout"]
# detail = ["processes and threads"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 4 }

import contextlib
import os

while True:
    with contextlib.suppress(OSError):
        os.fork()
