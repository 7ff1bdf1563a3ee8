# tries = "to find a file or folder of the host that is mounted here"
# expect = ["ok"]
# concedes.bubblewrap = "it binds the machine's own files; mountinfo tells where from"
# never = ["ESCAPED"]

import wave

NAMES = {"/etc/hosts", "/etc/hostname", "/etc/resolv.conf"}
with open("/proc/self/mountinfo") as file:
    for line in file:
        words = line.split()
        root, point, options = words[3], words[4], words[5].split(",")
        kind = words[words.index("-") + 1]
        disk = kind not in {
            "tmpfs",
            "proc",
            "sysfs",
            "cgroup",
            "cgroup2",
            "devpts",
            "mqueue",
            "overlay",
        }
        if disk and point not in {"/", *NAMES}:
            print("ESCAPED:", kind, root, "is mounted at", point)
        if disk and "ro" not in options:
            print("ESCAPED:", point, "may be written")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
