# tries = "thousands of threads, which count as processes"
# expect = ["process_limit"]
# detail = ["processes and threads"]
# never = ["ESCAPED"]
# limits = { cpu_s = 2, wall_s = 6 }

import threading
import time

threading.stack_size(64 << 10)
for count in range(10_000):
    threading.Thread(target=time.sleep, args=(3600,), daemon=True).start()
    if count > 100:
        print("ESCAPED: more threads than processes are allowed")
        break
