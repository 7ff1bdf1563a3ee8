# tries = "to have anything else, PID 1 included, killed first when memory runs out"
# expect = ["memory_limit"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3, wall_s = 6 }

import contextlib

for score in (0, -500, -900, -999):
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write(str(score))
with contextlib.suppress(OSError), open("/proc/1/oom_score_adj", "w") as file:
    file.write("1000")
kept = [bytearray(b"\1") * (1 << 20) for _ in range(300)]
print("ESCAPED: 300 MiB of 128 are in use")
