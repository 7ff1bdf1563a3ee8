# tries = "to resolve a name, which can carry data out where nothing else can"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

for name in ("data.probe.invalid", "host.docker.internal", "gateway.docker.internal"):
    with contextlib.suppress(OSError):
        print("ESCAPED:", name, "is", socket.getaddrinfo(name, 80))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
