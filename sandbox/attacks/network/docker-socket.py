# tries = "the socket by which containers are made"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import socket
import wave

for path in (
    "/var/run/docker.sock",
    "/run/docker.sock",
    "/run/probe/docker.sock",
    "/run/containerd/containerd.sock",
    "/run/podman/podman.sock",
    "/proc/1/root/run/docker.sock",
):
    if os.path.exists(path):
        print("ESCAPED: there is", path)
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        print("ESCAPED: connected to", path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
