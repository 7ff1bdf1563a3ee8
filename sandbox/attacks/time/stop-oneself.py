# tries = "SIGSTOP to itself, so that it neither ends nor uses time"
# expect = ["timeout"]
# detail = ["not done after 1 s"]
# never = ["ESCAPED"]
# limits = { wall_s = 1 }

import os
import signal

os.kill(os.getpid(), signal.SIGSTOP)
