# tries = "to fork without end, in every child too"
# expect = ["process_limit", "timeout"]
# detail = ["processes and threads"]
# never = ["ESCAPED"]
# limits = { cpu_s = 2, wall_s = 5 }
# quick = true

import os
import time

while True:
    try:
        os.fork()
    except BlockingIOError:
        time.sleep(0.2)
        raise
