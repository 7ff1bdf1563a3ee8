# tries = "a file beyond the size a process may write, with the signal for it not ignored"
# expect = ["output_limit"]
# detail = ["a file grew too large"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3 }

import os
import signal

signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
file = os.open("/tmp/large", os.O_RDWR | os.O_CREAT)
os.pwrite(file, b"end", (64 << 20) + 1)
print("ESCAPED: a file of more than 64 MiB")
