# tries = "to watch what else the machine does, by the kernel's counters"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

for path in (
    *("/proc/interrupts", "/proc/softirqs", "/proc/stat", "/proc/diskstats", "/proc/schedstat"),
    *("/proc/vmstat", "/proc/zoneinfo", "/proc/buddyinfo", "/proc/slabinfo", "/proc/locks"),
    *("/proc/cgroups", "/proc/key-users", "/proc/pressure/cpu", "/proc/pressure/memory"),
    *("/proc/sys/fs/file-nr", "/proc/sys/fs/inode-nr", "/sys/block/sda/stat"),
):
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if content := file.read(200):
            print("ESCAPED:", path, content)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
