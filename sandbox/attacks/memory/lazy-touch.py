# tries = "to reserve far more than there is, which costs nothing, and then touch it page by page"
# expect = ["memory_limit", "runtime_error"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3 }

import mmap

region = mmap.mmap(-1, 4 << 30, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
for page in range(0, 256 << 20, mmap.PAGESIZE):
    region[page] = 1
print("ESCAPED: 256 MiB of 128 are in use")
