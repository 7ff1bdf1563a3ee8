# tries = "to send a datagram to an address reserved for documentation, and find a way to everybody"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

for family, address in ((socket.AF_INET, "192.0.2.1"), (socket.AF_INET6, "2001:db8::1")):
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as client:
        client.sendto(b"anybody there?", (address, 9))
        print("ESCAPED: sent to", address)
for family, address in (
    (socket.AF_INET, "255.255.255.255"),
    (socket.AF_INET, "224.0.0.251"),
    (socket.AF_INET6, "ff02::1"),
):
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        client.connect((address, 9))  # looks for a route and sends nothing
        print("ESCAPED: there is a route to", address)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
