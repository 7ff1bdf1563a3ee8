# tries = "to learn where the kernel lies in memory"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

for path in ("/proc/kallsyms", "/proc/modules", "/proc/timer_list", "/proc/sched_debug"):
    with contextlib.suppress(OSError), open(path) as file:
        for line in file.readlines(1 << 20):
            if "0xffffffff" in line or line.startswith("ffff"):
                print("ESCAPED:", path, line)
                break
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
