# tries = "control sequences of a single character, which have no escape in them"
# expect = ["runtime_error"]
# never = ["\u009b", "\u0090", "ESCAPED"]

print("\x9b2J\x9b31m\x90$q\x9c\x85")
raise ValueError("\x9b31mred\x9d0;title\x9c")
