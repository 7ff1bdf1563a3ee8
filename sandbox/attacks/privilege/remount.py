# tries = "to make the file system writable, or to uncover what is hidden below other mounts"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import wave

libc = ctypes.CDLL(None, use_errno=True)
REMOUNT, BIND, MOVE, PRIVATE = 32, 4096, 8192, 1 << 18
for flags in (REMOUNT, REMOUNT | BIND, PRIVATE):
    if libc.mount(b"none", b"/", None, flags, None) == 0:
        print("ESCAPED: remounted /")
for target in (b"/proc/kcore", b"/proc/sys", b"/sys", b"/sys/firmware", b"/proc/sysrq-trigger"):
    if libc.umount2(target, 2) == 0:
        print("ESCAPED: unmounted", target)
for kind in (b"proc", b"sysfs", b"tmpfs", b"overlay", b"debugfs", b"binfmt_misc"):
    if libc.mount(b"none", b"/tmp", kind, 0, None) == 0:
        print("ESCAPED: mounted", kind)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
