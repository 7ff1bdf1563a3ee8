# tries = "to print without end on stderr"
# expect = ["output_limit"]
# detail = ["stopped after printing"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3, wall_s = 6 }

import os

while True:
    os.write(2, b"warning: " * 5000)
