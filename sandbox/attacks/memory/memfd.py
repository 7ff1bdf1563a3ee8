# tries = "to keep data in files without a name, which are in no file system's account"
# expect = ["ok", "memory_limit"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3 }

import contextlib
import os
import wave

written, files = 0, []
with contextlib.suppress(OSError):
    for number in range(8):
        files.append(os.memfd_create(f"store-{number}"))
        for _ in range(32):
            written += os.write(files[-1], bytes(1 << 20))
if written > 128 << 20:
    print("ESCAPED:", written, "bytes of 128 MiB are in use")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
