# tries = "sixteen threads that each fill memory of their own, by C code that does not hold a lock"
# expect = ["memory_limit"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3, wall_s = 6 }

import ctypes
import threading
import time


def fill():
    kept = (ctypes.c_char * (16 << 20))()
    ctypes.memset(kept, 1, len(kept))
    time.sleep(4)


for _ in range(16):
    threading.Thread(target=fill).start()
time.sleep(2)
print("ESCAPED: 256 MiB of 128 are in use")
