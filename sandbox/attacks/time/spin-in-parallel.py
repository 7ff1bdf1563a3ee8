# tries = "to burn the budget many times over with children that all spin at once"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

import os

for _ in range(12):
    if os.fork() == 0:
        break
while True:
    pass
