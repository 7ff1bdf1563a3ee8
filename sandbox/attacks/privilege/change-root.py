# tries = "to leave its file system by a folder it holds open across a change of root"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

kept = os.open("/", os.O_RDONLY)
os.mkdir("/tmp/root")
with contextlib.suppress(OSError):
    os.chroot("/tmp/root")
    print("ESCAPED: changed the root")
os.fchdir(kept)
for _ in range(64):
    os.chdir("..")
if not os.path.samestat(os.stat("."), os.fstat(kept)):
    print("ESCAPED: stands above its own root")
os.chdir("/out")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
