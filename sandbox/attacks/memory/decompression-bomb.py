# tries = "to unpack a few kilobytes into far more than there is"
# expect = ["memory_limit"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 4 }

import zlib

packer = zlib.compressobj(9)
bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(400)) + packer.flush()
unpacker = zlib.decompressobj()
kept = []
for start in range(0, len(bomb), 1 << 10):
    kept.append(bytearray(b"\1") + unpacker.decompress(bomb[start : start + 1024]))
print("ESCAPED: 400 MiB of 128 are in use")
