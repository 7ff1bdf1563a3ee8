# tries = "to make who reads line by line keep one line for ever"
# expect = ["output_limit"]
# detail = ["stopped after printing"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3, wall_s = 6 }

import sys

while True:
    sys.stdout.write("a" * 10_000)
