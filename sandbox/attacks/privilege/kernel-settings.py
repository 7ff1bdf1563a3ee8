# tries = "to change the settings of the kernel, among them the program that takes core dumps"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

PLACES = (
    "/proc/sys/kernel/core_pattern",
    "/proc/sys/kernel/modprobe",
    "/proc/sys/kernel/hostname",
    "/proc/sys/kernel/randomize_va_space",
    "/proc/sys/kernel/ns_last_pid",
    "/proc/sys/kernel/shmmax",
    "/proc/sys/vm/overcommit_memory",
    "/proc/sys/vm/drop_caches",
    "/proc/sys/fs/file-max",
    "/proc/sys/net/ipv4/ip_forward",
    "/proc/sysrq-trigger",
    "/proc/irq/default_smp_affinity",
    "/proc/bus/pci",
    "/sys/kernel/uevent_helper",
    "/sys/kernel/mm/transparent_hugepage/enabled",
    "/sys/power/state",
)
for path in PLACES:
    with contextlib.suppress(OSError):
        os.close(os.open(path, os.O_WRONLY))
        print("ESCAPED: may write", path)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
