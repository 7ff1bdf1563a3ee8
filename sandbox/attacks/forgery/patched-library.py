# tries = "to patch the interpreter so that everything after it believes in a success"
# expect = ["no_output"]
# never = ["ESCAPED"]

import builtins
import os
import sys
import wave as library


class Agreeable:
    def __getattr__(self, name):
        return lambda *_, **__: self

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return True


builtins.open = lambda *_, **__: Agreeable()
library.open = builtins.open
os.stat = lambda *_, **__: os.stat_result([0o100644] + [88244] * 9)
os._exit = sys.exit = lambda *_: None
sys.excepthook = lambda *_: None
with library.open("output.wav", "wb") as file:
    file.writeframes(b"")
