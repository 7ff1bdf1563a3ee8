# tries = "a list that doubles itself, small objects instead of large ones"
# expect = ["memory_limit"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 4 }

kept = [None]
for _ in range(26):
    kept = [[item] for item in kept] + kept
print("ESCAPED: 64 million lists in 128 MiB")
