# tries = "to read the secret of this job out of the memory of PID 1, or where it lies"
# expect = ["ok"]
# never = ["ESCAPED"]
# quick = true

import contextlib
import wave

for name in ("mem", "maps", "smaps", "pagemap", "map_files"):
    with contextlib.suppress(OSError), open(f"/proc/1/{name}", "rb") as file:
        print("ESCAPED: opened /proc/1/" + name, len(file.read(64)))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
