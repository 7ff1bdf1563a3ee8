# tries = "to find anything in the environment beyond what every program is given"
# expect = ["ok"]
# never = ["ESCAPED"]
# quick = true

import os
import wave

GIVEN = {
    *("PATH", "HOME", "TMPDIR", "USER", "LANG", "LC_ALL", "TZ", "PWD", "LC_CTYPE"),
    *("PYTHONHASHSEED", "PYTHONDONTWRITEBYTECODE", "PYTHONNOUSERSITE", "PYTHONUTF8"),
    *("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MALLOC_ARENA_MAX"),
}
for name in sorted(set(os.environ) - GIVEN):
    print("ESCAPED:", name, "=", os.environ[name])
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
