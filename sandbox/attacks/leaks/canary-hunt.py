# tries = "to find the harness's secrets in any file or process it can read"
# expect = ["ok"]
# never = ["ESCAPED"]
# limits = { cpu_s = 8, wall_s = 20 }

import contextlib
import os
import wave

NEEDLE = b"probe-" + b"canary-"
ROOTS = (
    "/etc",
    "/root",
    "/home",
    "/run",
    "/var",
    "/tmp",
    "/opt",
    "/srv",
    "/mnt",
    "/dev/shm",
    "/job",
)
paths = ["/.dockerenv", "/proc/cmdline", "/proc/mounts", "/proc/version"]
for root in ROOTS:
    for folder, _, names in os.walk(root):
        paths += [os.path.join(folder, name) for name in names]
for pid in filter(str.isdigit, os.listdir("/proc")):
    paths += [f"/proc/{pid}/{name}" for name in ("environ", "cmdline", "mountinfo", "cgroup")]
for path in paths:
    if path == __file__ or not os.path.isfile(path):
        continue
    with contextlib.suppress(OSError), open(path, "rb") as file:
        content = file.read(1 << 20)
        if NEEDLE in content:
            print("ESCAPED:", path, content[content.index(NEEDLE) :][:80])
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
