# tries = "to leave dead children that nobody collects until no process can be made"
# expect = ["process_limit"]
# detail = ["processes and threads"]
# never = ["ESCAPED"]
# limits = { cpu_s = 2, wall_s = 5 }

import os
import time

for _ in range(1000):
    if os.fork() == 0:
        os._exit(0)
time.sleep(3600)
