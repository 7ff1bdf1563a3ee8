"""What a program may ask of and do to itself: limits, niceness, cores, usage, names."""

import ctypes
import os
import platform
import resource
import wave

soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (soft // 2, hard))
assert resource.prlimit(0, resource.RLIMIT_NOFILE) == (soft // 2, hard)
assert os.nice(1) == os.getpriority(os.PRIO_PROCESS, 0)
assert len(os.sched_getaffinity(0)) >= 1
assert os.sched_getscheduler(0) == os.SCHED_OTHER
assert os.cpu_count() >= 1
assert os.sysconf("SC_PHYS_PAGES") > 0
assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss > 0
assert os.times().user >= 0
assert platform.system() == "Linux"
assert os.getsid(0) > 1
assert os.getgroups() is not None

PR_SET_NAME, PR_GET_NAME = 15, 16
name, libc = ctypes.create_string_buffer(16), ctypes.CDLL(None)
assert libc.prctl(PR_SET_NAME, b"synthesis", 0, 0, 0) == 0
assert libc.prctl(PR_GET_NAME, name, 0, 0, 0) == 0
assert name.value == b"synthesis"

with wave.open("output.wav", "wb") as out:
    out.setparams((1, 1, 8000, 0, "NONE", ""))
    out.writeframes(bytes((n * 3) & 255 for n in range(8000)))
