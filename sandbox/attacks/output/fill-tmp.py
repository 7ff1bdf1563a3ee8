# tries = "to write until /tmp is full"
# expect = ["output_limit"]
# detail = ["/tmp full"]
# never = ["ESCAPED"]
# limits = { cpu_s = 3 }

for number in range(8):
    with open(f"/tmp/{number}", "wb") as file:
        for _ in range(32):
            file.write(bytes(1 << 20))
print("ESCAPED: 256 MiB in /tmp")
