# tries = "to put another folder in the place of /out"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for attempt in (
    lambda: os.rename("/out", "/tmp/out"),
    lambda: os.rmdir("/out"),
    lambda: os.symlink("/etc", "/out.new"),
    lambda: os.chmod("/out", 0),
    lambda: os.chown("/out", os.getuid(), os.getgid()),
):
    with contextlib.suppress(OSError):
        attempt()
        print("ESCAPED: /out was changed")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
