# tries = "nothing: a database on disk and a callback from C"
# expect = ["ok"]
# never = ["ESCAPED"]

import ctypes
import sqlite3
import wave

COMPARE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_int))
values = (ctypes.c_int * 50)(*reversed(range(0, 200, 4)))
ctypes.CDLL(None).qsort(values, 50, 4, COMPARE(lambda a, b: a[0] - b[0]))
with sqlite3.connect("/tmp/samples.db") as database:
    database.execute("create table samples (value integer)")
    database.executemany("insert into samples values (?)", [(value,) for value in values])
    rows = database.execute("select value from samples order by rowid").fetchall()
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(value for (value,) in rows) * 1764)
