# tries = "to print without end"
# expect = ["output_limit"]
# detail = ["stopped after printing"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3, wall_s = 6 }
# quick = true

import os

while True:
    os.write(1, b"all work and no play makes a dull tone\n" * 1000)
