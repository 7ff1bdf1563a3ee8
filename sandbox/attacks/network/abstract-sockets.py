# tries = "sockets of the host that have a name but no file: only a network of one's own hides them"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import socket
import wave

with open("/proc/net/unix") as file:
    names = [line.split()[7] for line in file.readlines()[1:] if len(line.split()) > 7]
if names:
    print("ESCAPED: sees", names[:3])
for name in ("/containerd-shim/moby", "/tmp/.X11-unix/X0", "/org/freedesktop/systemd1/notify"):
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + name)
        print("ESCAPED: connected to", name)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
