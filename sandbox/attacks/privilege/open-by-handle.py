# tries = "to open a file of the host by the number of its inode, past every mount"
# expect = ["ok"]
# expect_on.bubblewrap = ["runtime_error"]
# never = ["ESCAPED"]

import ctypes
import os
import platform
import wave

OPEN_BY_HANDLE = 304 if platform.machine() == "x86_64" else 265
libc = ctypes.CDLL(None, use_errno=True)
for path in ("/", "/etc/hosts", "/out"):
    for inode in (2, 64, 128, 256):
        handle = (ctypes.c_uint32 * 4)(8, 1, inode, 0)
        folder = os.open(path, os.O_RDONLY)
        file = libc.syscall(OPEN_BY_HANDLE, folder, ctypes.byref(handle), os.O_RDONLY)
        if file >= 0:
            print("ESCAPED: opened inode", inode, "of", path)
        os.close(folder)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
