# tries = "to learn the names of its own and other groups of processes on the host"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import wave

with open("/proc/self/cgroup") as file:
    for line in file:
        if line.rstrip().split(":", 2)[2] != "/":
            print("ESCAPED:", line)
for folder in ("/sys/fs/cgroup/memory/docker", "/sys/fs/cgroup/system.slice"):
    if os.path.exists(folder):
        print("ESCAPED: sees", os.listdir(folder))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
