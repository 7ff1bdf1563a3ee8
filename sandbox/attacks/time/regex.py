# tries = "a regular expression with exponential backtracking, which holds Python's lock"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

import re

re.match(r"(a|aa)+$", "a" * 200 + "b")
