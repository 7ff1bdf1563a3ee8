# id: memory-of-pid-1
# class: leaks
# tries: to read the secret of this job out of the memory of PID 1, or where it lies
# expect: ok
# never: ESCAPED
# quick: yes

import contextlib
import wave

for name in ("mem", "maps", "smaps", "pagemap", "map_files"):
    with contextlib.suppress(OSError), open(f"/proc/1/{name}", "rb") as file:
        print("ESCAPED: opened /proc/1/" + name, len(file.read(64)))
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
