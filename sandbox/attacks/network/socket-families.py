# tries = "every family and type of socket the kernel may know"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

opened = set()
for family in range(48):
    for kind in (1, 2, 3, 4, 5):
        with contextlib.suppress(OSError):
            socket.socket(family, kind).close()
            opened.add(family)
if opened:
    print("ESCAPED: families", sorted(opened))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
