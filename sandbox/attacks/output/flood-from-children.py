# tries = "to print without end from children while the program sleeps"
# expect = ["output_limit"]
# detail = ["stopped after printing"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3, wall_s = 6 }

import os
import time

for _ in range(4):
    if os.fork() == 0:
        while True:
            os.write(2, b"x" * 4096)
time.sleep(60)
