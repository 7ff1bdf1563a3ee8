# tries = "names that a terminal, a log or a web page could act on, which the detail tells"
# expect = ["no_output"]
# never = ["\u001b", "\u202e", "ESCAPED"]

names = (
    "\x1b[2J\x1b[31mall contained",
    "new\nline",
    "<img src=x onerror=alert(1)>",
    "\u202evaw.tuptuo",
    "--output.wav",
    "$(reboot)",
)
for name in names:
    with open(name, "wb"):
        pass
