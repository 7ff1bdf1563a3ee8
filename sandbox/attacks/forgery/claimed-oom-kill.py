# tries = "to look like a victim of the kernel's by killing itself the same way"
# expect = ["crashed"]
# detail = ["SIGKILL"]
# never = ["ESCAPED"]

import os
import signal

os.kill(os.getpid(), signal.SIGKILL)
