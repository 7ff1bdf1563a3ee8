# tries = "to keep more than there is, one mebibyte at a time"
# expect = ["memory_limit"]
# detail = ["killed for using more than 128 MiB", "all of 128 MiB in use"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3 }
# quick = true

kept = []
for count in range(2000):
    kept.append(bytearray(b"\1") * (1 << 20))
    if count > 200:
        print("ESCAPED: 200 MiB of 128 are in use")
        break
