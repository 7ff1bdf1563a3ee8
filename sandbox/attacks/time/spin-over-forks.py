# tries = "to stretch the budget by using a little of it in each of many short-lived children"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

import os

while True:
    if os.fork() == 0:
        sum(range(1_000_000))
        os._exit(0)
    os.wait()
