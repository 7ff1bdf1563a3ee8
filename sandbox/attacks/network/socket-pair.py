# tries = "nothing: two connected sockets without a name, as event loops need them"
# expect = ["ok"]
# never = ["ESCAPED"]

import socket
import wave

a, b = socket.socketpair()
a.sendall(b"tone")
assert b.recv(4) == b"tone"
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
