# tries = "to ignore every signal there is, then sleep"
# expect = ["timeout"]
# detail = ["not done after 1 s"]
# never = ["ESCAPED"]
# limits = { wall_s = 1 }

import contextlib
import signal
import time

for number in signal.valid_signals():
    with contextlib.suppress(OSError):
        signal.signal(number, signal.SIG_IGN)
time.sleep(3600)
