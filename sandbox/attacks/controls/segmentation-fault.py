# tries = "nothing: a read through a null pointer"
# expect = ["crashed"]
# detail = ["SIGSEGV"]
# never = ["ESCAPED"]

import ctypes

ctypes.string_at(0)
