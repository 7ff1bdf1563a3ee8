# tries = "to recurse until the stack is gone, with Python's own limit raised"
# expect = ["crashed", "memory_limit", "runtime_error"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3 }

import sys

sys.setrecursionlimit(1 << 30)


class Endless:
    def __getattr__(self, name):
        return getattr(self, name + "")


print(Endless().end)
