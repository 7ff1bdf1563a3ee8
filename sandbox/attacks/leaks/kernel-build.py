# tries = "to learn how the kernel was built and started, and what it is made of"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

for path in (
    *("/proc/cmdline", "/proc/config.gz", "/proc/crypto", "/proc/kallsyms", "/proc/modules"),
    *("/proc/version", "/proc/bootconfig", "/sys/kernel/notes", "/sys/kernel/btf/vmlinux"),
    "/sys/kernel/boot_params/data",
):
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if content := file.read(200):
            print("ESCAPED:", path, content)
with contextlib.suppress(OSError):
    if modules := os.listdir("/sys/module"):
        print("ESCAPED: modules", modules)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
