# tries = "to have any capability, or a way to get one"
# expect = ["ok"]
# never = ["ESCAPED"]
# quick = true

import wave

with open("/proc/self/status") as file:
    status = dict(line.rstrip().split(":\t", 1) for line in file if ":\t" in line)
for name in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
    if int(status[name], 16):
        print("ESCAPED:", name, status[name])
if status["NoNewPrivs"] != "1":
    print("ESCAPED: new privileges may be had")
if status["Seccomp"] != "2":
    print("ESCAPED: system calls are not filtered")
if "0" in status["Uid"].split() + status["Gid"].split() + status["Groups"].split():
    print("ESCAPED: is root")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
