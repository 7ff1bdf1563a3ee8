# tries = "operating system commands of terminals: title, clipboard, link, file transfer"
# expect = ["runtime_error"]
# never = ["\u001b", "\u0007", "ESCAPED"]

import base64

print("\x1b]0;owned\x07\x1b]52;c;" + base64.b64encode(b"reboot\n").decode() + "\x07")
print("\x1b]8;;http://192.0.2.1/\x1b\\click\x1b]8;;\x1b\\")
raise ValueError("\x1b]1337;File=name=eA==;inline=0:eA==\x07\x1bP$q\x1b\\\x1b[6n")
