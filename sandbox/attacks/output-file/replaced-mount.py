# tries = "to mount something else over /out, or nothing at all"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import wave

libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"proc", b"/out", b"proc", 0, None) == 0:
    print("ESCAPED: mounted over /out")
if libc.mount(b"/etc", b"/out", None, 4096, None) == 0:  # MS_BIND
    print("ESCAPED: bound /etc over /out")
for flags in (0, 2, 8):
    if libc.umount2(b"/out", flags) == 0:
        print("ESCAPED: unmounted /out")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
