# tries = "shared anonymous memory, which the kernel keeps as a hidden file"
# expect = ["memory_limit"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3 }

import mmap

region = mmap.mmap(-1, 256 << 20)
for page in range(0, 256 << 20, mmap.PAGESIZE):
    region[page] = 1
print("ESCAPED: 256 MiB of 128 are in use")
