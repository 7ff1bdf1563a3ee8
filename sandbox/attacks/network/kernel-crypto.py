# tries = "the kernel's own ciphers, reached by a socket"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

with contextlib.suppress(OSError), socket.socket(38, socket.SOCK_SEQPACKET) as cipher:
    cipher.bind(("hash", "sha256"))
    print("ESCAPED: AF_ALG")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
