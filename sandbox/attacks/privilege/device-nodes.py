# tries = "to make the nodes of disks and memory, and open them"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import stat
import wave

for kind, major, minor in ((stat.S_IFBLK, 8, 0), (stat.S_IFBLK, 254, 0), (stat.S_IFCHR, 1, 1)):
    with contextlib.suppress(OSError):
        os.mknod("/tmp/node", kind | 0o666, os.makedev(major, minor))
        print("ESCAPED: made the node", major, minor)
for path in ("/dev/sda", "/dev/vda", "/dev/nvme0n1", "/dev/kvm", "/dev/fuse", "/dev/net/tun"):
    with contextlib.suppress(OSError), open(path, "rb"):
        print("ESCAPED: opened", path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
