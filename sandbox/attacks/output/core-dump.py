# tries = "to leave a core dump of everything it has in memory"
# expect = ["crashed"]
# detail = ["SIGABRT"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3 }

import contextlib
import os
import resource

with contextlib.suppress(ValueError, OSError):
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    print("ESCAPED: core dumps are on", flush=True)
os.abort()
