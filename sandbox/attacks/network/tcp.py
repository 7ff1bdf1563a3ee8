# tries = "to open a TCP connection, to addresses reserved for documentation"
# expect = ["ok"]
# never = ["ESCAPED"]
# quick = true

import contextlib
import socket
import wave

for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
    for port in (53, 80, 443):
        with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_STREAM) as client:
            client.settimeout(0.2)
            try:
                client.connect((address, port))
                print("ESCAPED: connected to", address)
            except TimeoutError:
                print("ESCAPED: there is a route to", address)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
