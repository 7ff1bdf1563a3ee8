# tries = "a name that is not valid in any encoding, and one as long as can be"
# expect = ["no_output"]
# never = ["ESCAPED"]

import os

for name in (b"\xff\xfe.wav", b"\xed\xa0\x80.wav", b"a" * 255):
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY))
