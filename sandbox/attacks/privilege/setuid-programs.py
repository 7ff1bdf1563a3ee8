# tries = "to find a program that runs as its owner, or has capabilities of its own"
# expect = ["ok"]
# never = ["ESCAPED"]
# limits = { cpu_s = 6, wall_s = 15 }

import contextlib
import os
import stat
import wave

for folder, _, names in os.walk("/"):
    # Where the mount says nosuid, such marks mean nothing.
    if folder.startswith(("/proc", "/sys")) or os.statvfs(folder).f_flag & os.ST_NOSUID:
        continue
    for name in names:
        path = os.path.join(folder, name)
        with contextlib.suppress(OSError):
            found = os.lstat(path)
            if stat.S_ISREG(found.st_mode) and found.st_mode & (stat.S_ISUID | stat.S_ISGID):
                print("ESCAPED:", path)
        with contextlib.suppress(OSError):
            os.getxattr(path, "security.capability", follow_symlinks=False)
            print("ESCAPED: capabilities on", path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
