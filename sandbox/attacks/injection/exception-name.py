# tries = "escape sequences in the name of an exception, which no string literal shows"
# expect = ["runtime_error"]
# never = ["\u001b", "ESCAPED"]

raise type("\x1b[2JAll\nContained<b>", (Exception,), {"__module__": "\x1b]0;x\x07"})("\x1b[0m")
