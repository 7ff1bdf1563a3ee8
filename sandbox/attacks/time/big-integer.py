# tries = "one arithmetic operation that takes minutes and cannot be interrupted from Python"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

print((3 ** (1 << 26)) % 10)
