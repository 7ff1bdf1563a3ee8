# tries = "to rename the machine and set its clock"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import ctypes
import socket
import time
import wave

libc = ctypes.CDLL(None, use_errno=True)
with contextlib.suppress(OSError):
    socket.sethostname("probe-escaped")
    print("ESCAPED: renamed the machine")
if libc.setdomainname(b"probe-escaped", 13) == 0:
    print("ESCAPED: renamed the domain")
with contextlib.suppress(OSError):
    time.clock_settime(time.CLOCK_REALTIME, time.time())
    print("ESCAPED: set the clock")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
