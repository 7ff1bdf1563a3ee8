# tries = "a flood of queued real-time signals to PID 1 while the program sleeps"
# expect = ["timeout"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 3 }

import contextlib
import os
import signal

while True:
    with contextlib.suppress(OSError):
        os.kill(1, signal.SIGRTMAX)
    with contextlib.suppress(OSError):
        os.kill(1, signal.SIGCHLD)
