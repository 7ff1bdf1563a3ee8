# tries = "to lose a child for memory and carry on as if nothing had happened"
# expect = ["ok"]
# never = ["ESCAPED"]
# limits = { memory_bytes = 134217728, cpu_s = 3, wall_s = 6 }

import os
import signal
import wave

child = os.fork()
if child == 0:
    kept = [bytearray(b"\1") * (1 << 20) for _ in range(300)]
    os._exit(0)
_, status = os.waitpid(child, 0)
if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
    print("ESCAPED: the child got 300 MiB of 128")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
