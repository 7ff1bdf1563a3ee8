# tries = "to become a new program again and again under one process id"
# expect = ["timeout"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 6 }

import os
import sys

os.execv(sys.executable, [sys.executable, "-S", __file__])
