"""Copies the kernel makes: sendfile, copy_file_range, and reads and writes at an offset."""

import os
import wave
from pathlib import Path

with wave.open("/tmp/source.wav", "wb") as out:
    out.setparams((1, 2, 16000, 0, "NONE", ""))
    out.writeframes(bytes(range(250)) * 128)
source = os.open("/tmp/source.wav", os.O_RDONLY)
size = os.fstat(source).st_size

target = os.open("/tmp/target.wav", os.O_RDWR | os.O_CREAT)
assert os.copy_file_range(source, target, size, offset_src=0) == size
os.pwrite(target, b"\x01\x02", 44)
assert os.preadv(target, [first := bytearray(2), rest := bytearray(2)], 44) == 4
assert (first, rest) == (b"\x01\x02", b"\x02\x03")
os.posix_fadvise(target, 0, 0, os.POSIX_FADV_SEQUENTIAL)

output = os.open("/out/output.wav", os.O_WRONLY | os.O_CREAT)
sent = 0
while sent < size:
    sent += os.sendfile(output, target, sent, size - sent)
os.close(output)
assert Path("/out/output.wav").stat().st_size == size
