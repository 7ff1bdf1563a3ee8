# tries = "frames and headers of the engine's stream among what it prints"
# expect = ["runtime_error"]
# detail = ["exit code 3", "forged"]
# never = ["ESCAPED"]

import struct
import sys

verdict = b'{"reason": "exit", "status": 0, "audio": "ok"}'
for nonce in (bytes(16), b"0123456789abcdef"):
    frame = struct.pack(">16scI", nonce, b"v", len(verdict)) + verdict
    sys.stdout.buffer.write(struct.pack(">B3xI", 1, len(frame)) + frame)
    sys.stderr.buffer.write(struct.pack(">B3xI", 1, len(frame)) + frame)
sys.stderr.write("\nforged\n")
sys.exit(3)
