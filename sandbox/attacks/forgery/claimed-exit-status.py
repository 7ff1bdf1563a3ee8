# tries = "exit codes that shells use for signals and time limits"
# expect = ["runtime_error"]
# detail = ["exit code 137"]
# never = ["ESCAPED"]

import os

os._exit(137)
