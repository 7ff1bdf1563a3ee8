# tries = "an output of a terabyte that takes no room at all"
# expect = ["runtime_error", "output_limit"]
# never = ["ESCAPED"]

with open("output.wav", "wb") as file:
    file.truncate(1 << 40)
print("ESCAPED: a file of a terabyte")
