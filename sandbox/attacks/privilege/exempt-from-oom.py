# tries = "to be exempt from being killed for memory, or to have PID 1 killed first"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

for path, score in (("/proc/self/oom_score_adj", -1000), ("/proc/1/oom_score_adj", 1000)):
    with contextlib.suppress(OSError), open(path, "w", buffering=1) as file:
        file.write(f"{score}\n")
        print("ESCAPED:", path, "is", score)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
