# tries = "to offer a service"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
    with contextlib.suppress(OSError), socket.socket(family) as server:
        server.bind((address, 8080))
        server.listen()
        print("ESCAPED: listens on", address)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
