# tries = "to send and listen below the protocols"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

for family, kind, protocol in ((17, 3, 768), (17, 2, 768), (2, 3, 1), (2, 3, 255), (10, 3, 58)):
    with contextlib.suppress(OSError), socket.socket(family, kind, protocol):
        print("ESCAPED: raw socket", family, kind, protocol)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
