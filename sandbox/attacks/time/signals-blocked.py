# tries = "to block every signal and spin"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

import signal

signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
while True:
    pass
