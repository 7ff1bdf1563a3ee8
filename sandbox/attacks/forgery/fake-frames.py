# tries = "to pass words off as the supervisor's, on every descriptor there may be"
# expect = ["ok"]
# never = ["FORGED", "ESCAPED"]
# quick = true

import contextlib
import os
import struct
import wave

verdict = b'{"reason": "exit", "status": 0, "audio": "ok", "files": ["FORGED"]}'
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
for number in range(3, 256):
    for nonce in (bytes(16), b"\xff" * 16):
        with contextlib.suppress(OSError):
            os.write(number, struct.pack(">16scI", nonce, b"v", len(verdict)) + verdict)
            print("ESCAPED: descriptor", number, "takes frames")
