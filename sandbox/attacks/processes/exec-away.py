# tries = "to become another program that knows nothing of this one"
# expect = ["timeout"]
# detail = ["not done after 1 s"]
# never = ["ESCAPED"]
# limits = { wall_s = 1 }

import os

os.execv("/usr/bin/sleep", ["sleep", "3600"])
