# tries = "as many files as it can make in /tmp"
# expect = ["output_limit"]
# detail = ["/tmp full"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3 }

for number in range(100_000):
    with open(f"/tmp/{number}", "wb"):
        pass
    if number > 4000:
        print("ESCAPED: four thousand files in /tmp")
        break
