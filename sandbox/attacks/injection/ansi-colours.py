# tries = "colours and a cleared screen in a terminal"
# expect = ["runtime_error"]
# never = ["\u001b", "ESCAPED"]

print("\x1b[2J\x1b[H\x1b[32mall attacks contained\x1b[0m")
raise ValueError("\x1b[31;1mred\x1b[8mhidden")
