# tries = "to connect to services of the host on the loopback, and find a way to its bridge"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

for port in (22, 80, 111, 631, 2375, 2376, 3306, 5000, 5432, 6379, 8080, 8888, 9200):
    with contextlib.suppress(OSError), socket.socket() as client:
        client.settimeout(0.05)
        client.connect(("127.0.0.1", port))
        print("ESCAPED: connected to port", port)
with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as client:
    client.connect(("172.17.0.1", 80))  # looks for a route and sends nothing
    print("ESCAPED: there is a route to Docker's bridge")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
