# tries = "to write until /out is full"
# expect = ["output_limit"]
# detail = ["/out full", "output.wav has"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3 }

with open("output.wav", "wb") as file:
    while True:
        file.write(bytes(1 << 20))
