"""C code that calls Python back: qsort, and a generator of samples."""

import ctypes
import ctypes.util
import wave

libc = ctypes.CDLL(None)
Compare = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
numbers = (ctypes.c_int * 6)(5, 3, 9, 1, 7, 2)
libc.qsort(numbers, 6, ctypes.sizeof(ctypes.c_int), Compare(lambda a, b: a[0] - b[0]))
assert list(numbers) == [1, 2, 3, 5, 7, 9]

libm = ctypes.CDLL("libm.so.6")
libm.sin.restype, libm.sin.argtypes = ctypes.c_double, [ctypes.c_double]
Sample = ctypes.CFUNCTYPE(ctypes.c_double, ctypes.c_double)
sample = Sample(lambda phase: 12000 * libm.sin(phase))

frames = (ctypes.c_int16 * 16000)(*(int(sample(n / 12)) for n in range(16000)))
with wave.open("output.wav", "wb") as out:
    out.setparams((1, 2, 16000, 0, "NONE", ""))
    out.writeframes(bytes(frames))
