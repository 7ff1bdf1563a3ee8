# tries = "the programs by which users become root"
# expect = ["ok"]
# never = ["ESCAPED"]

import subprocess
import wave

for command in (
    ["su", "-c", "id"],
    ["sudo", "-n", "id"],
    ["pkexec", "id"],
    ["newgrp", "root"],
    ["mount"],
):
    try:
        done = subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=2)
    except OSError:
        continue
    if b"uid=0" in done.stdout:
        print("ESCAPED:", command)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
