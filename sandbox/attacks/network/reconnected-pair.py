# tries = "to turn a pair of sockets, which is allowed, into a way out"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_SEQPACKET):
    a, b = socket.socketpair(socket.AF_UNIX, kind)
    for path in ("/run/docker.sock", "/dev/log", "\0/containerd-shim/moby"):
        with contextlib.suppress(OSError):
            a.connect(path)
            print("ESCAPED: connected to", path)
        if kind == socket.SOCK_DGRAM:  # the others ignore an address and send to their peer
            with contextlib.suppress(OSError):
                a.sendto(b"hello", path)
                print("ESCAPED: sent to", path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
