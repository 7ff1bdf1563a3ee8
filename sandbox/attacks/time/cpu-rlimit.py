# tries = "to raise its own CPU limit and catch the signal for it, then spin"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

import contextlib
import resource
import signal

signal.signal(signal.SIGXCPU, signal.SIG_IGN)
with contextlib.suppress(ValueError, OSError):
    resource.setrlimit(resource.RLIMIT_CPU, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
while True:
    pass
