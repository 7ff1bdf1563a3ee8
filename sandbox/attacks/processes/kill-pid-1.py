# tries = "SIGKILL, SIGSTOP and SIGINT to PID 1, then to spin for ever"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

import os
import signal

for number in (signal.SIGSTOP, signal.SIGKILL, signal.SIGINT, signal.SIGTERM, signal.SIGCHLD):
    os.kill(1, number)
while True:
    pass
