# tries = "the socket between virtual machines and their host, which no network setting closes"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

with contextlib.suppress(OSError), socket.socket(40, socket.SOCK_STREAM) as client:
    print("ESCAPED: AF_VSOCK")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
