# tries = "as many files as it can make in /out"
# expect = ["output_limit"]
# detail = ["/out full"]
# never = ["ESCAPED"]

for number in range(10_000):
    with open(f"{number}", "wb"):
        pass
    if number > 100:
        print("ESCAPED: a hundred files in /out")
        break
