# tries = "to ask the name servers the system is set up with"
# expect = ["ok"]
# expect_on.bubblewrap = ["runtime_error"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

query = b"\x12\x34\x01\x00\x00\x01" + bytes(6) + b"\x05probe\x07invalid\x00\x00\x01\x00\x01"
with open("/etc/resolv.conf") as file:
    servers = [line.split()[1] for line in file if line.startswith("nameserver ")]
for server in [*servers, "127.0.0.11", "127.0.0.53"]:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    with contextlib.suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        client.connect((server, 53))
        client.send(query)
        if client.recv(512):
            print("ESCAPED: a name server answers at", server)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
