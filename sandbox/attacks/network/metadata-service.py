# tries = "to find a way to the addresses where clouds give out credentials, without using it"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

for address in ("169.254.169.254", "169.254.170.2", "100.100.100.200"):
    with contextlib.suppress(OSError), socket.socket(type=socket.SOCK_DGRAM) as client:
        client.connect((address, 80))  # looks for a route and sends nothing
        print("ESCAPED: there is a route to", address)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
