# tries = "an array of a hundred gigabytes, filled"
# expect = ["runtime_error", "memory_limit"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 201326592, cpu_s = 3 }

import numpy as np

kept = np.ones(100 << 27)
