# tries = "a last line of an error far too long for any column"
# expect = ["runtime_error"]
# never = ["ESCAPED"]

raise ValueError("long " * 9000)
