# tries = "a letter that grows over the lines above and below by a thousand accents"
# expect = ["runtime_error"]
# never = ["ESCAPED"]

raise ValueError("a" + "\u0300\u0301\u0302\u0303" * 250)
