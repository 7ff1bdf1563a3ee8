# tries = "to learn what devices, disks and buses the machine has"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for path in (
    *("/proc/partitions", "/proc/devices", "/proc/iomem", "/proc/ioports", "/proc/dma"),
    *("/proc/misc", "/proc/consoles", "/proc/swaps", "/proc/mdstat", "/proc/fb"),
    *("/proc/tty/drivers", "/proc/bus/pci/devices", "/proc/sys/dev/cdrom/info"),
):
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if content := file.read(200):
            print("ESCAPED:", path, content)
for path in (
    *("/sys/block", "/sys/bus", "/sys/class", "/sys/dev", "/sys/devices", "/sys/power"),
    *("/sys/firmware", "/sys/fs/ext4", "/sys/fs/btrfs", "/sys/fs/xfs"),
    *("/proc/asound", "/proc/scsi", "/proc/irq", "/proc/fs", "/proc/driver"),
):
    with contextlib.suppress(OSError):
        if names := os.listdir(path):
            print("ESCAPED:", path, names)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
