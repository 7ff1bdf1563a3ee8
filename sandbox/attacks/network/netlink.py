# tries = "to talk to the kernel about networks, audit, and devices"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

for protocol in range(23):
    with contextlib.suppress(OSError), socket.socket(16, socket.SOCK_RAW, protocol):
        print("ESCAPED: netlink protocol", protocol)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
