# tries = "to learn the name of the machine"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import socket
import wave

names = {os.uname().nodename, socket.gethostname()}
for path in ("/etc/hostname", "/proc/sys/kernel/hostname"):
    if os.path.exists(path):
        with open(path) as file:
            names.add(file.read().strip())
if others := names - {"sandbox", "localhost", ""}:
    print("ESCAPED:", others)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
