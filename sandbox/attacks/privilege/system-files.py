# tries = "to write anywhere but where output and temporary files belong"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import wave

WRITABLE = ("/tmp", "/out", "/job", "/dev/shm", "/dev/mqueue", "/proc", "/sys", "/dev")
folders = ["/"]
while folders:
    folder = folders.pop()
    try:
        file = os.open(os.path.join(folder, "probe-escaped"), os.O_CREAT | os.O_WRONLY)
    except OSError:
        pass
    else:
        os.close(file)
        print("ESCAPED: wrote in", folder)
    try:
        inner = [entry.path for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
    except OSError:
        continue
    folders += [path for path in inner if path not in WRITABLE]
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
