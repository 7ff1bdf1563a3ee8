# tries = "to get around the memory limit by keeping data in files of /tmp and /out"
# expect = ["memory_limit"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 100663296, cpu_s = 3 }

import contextlib

for path in ("/tmp/store", "/out/store"):
    with contextlib.suppress(OSError), open(path, "wb", buffering=0) as file:
        while file.write(bytes(1 << 20)):
            pass
kept = [bytearray(b"\1") * (1 << 20) for _ in range(64)]
print("ESCAPED: 64 MiB of heap beside 90 MiB of files, of 96 MiB")
