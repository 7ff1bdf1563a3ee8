# tries = "to overwrite the beginning of its own line, and the lines above"
# expect = ["runtime_error"]
# never = ["\r", "\b", "ESCAPED"]

raise ValueError("a mistake\rcontained   ok\x08\x08\x08\x0b\x0c\x1c\x1d\x1e")
