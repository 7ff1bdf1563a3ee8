# tries = "to raise its own limits where the kernel keeps them"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for folder, _, names in os.walk("/sys/fs/cgroup"):
    for name in names:
        path = os.path.join(folder, name)
        with contextlib.suppress(OSError), open(path, "r+"):
            print("ESCAPED: may write", path)
    with contextlib.suppress(OSError):
        os.mkdir(os.path.join(folder, "inner"))
        print("ESCAPED: made a group in", folder)
        os.rmdir(os.path.join(folder, "inner"))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
