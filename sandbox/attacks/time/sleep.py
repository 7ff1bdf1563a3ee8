# tries = "to sleep much longer than it may"
# expect = ["timeout"]
# detail = ["not done after 1 s"]
# never = ["ESCAPED"]
# limits = { wall_s = 1 }
# quick = true

import time

time.sleep(3600)
