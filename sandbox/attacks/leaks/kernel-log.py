# tries = "to read what the kernel has logged"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import ctypes
import wave

for path in ("/dev/kmsg", "/proc/kmsg", "/var/log/kern.log", "/var/log/dmesg"):
    with contextlib.suppress(OSError), open(path, "rb", buffering=0) as file:
        print("ESCAPED:", path, file.read(200))
buffer = ctypes.create_string_buffer(4096)
if ctypes.CDLL(None).klogctl(3, buffer, len(buffer)) > 0:
    print("ESCAPED: klogctl", buffer.value[:200])
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
