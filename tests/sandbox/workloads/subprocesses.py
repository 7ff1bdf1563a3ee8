"""subprocess: Python, a shell with a pipeline, cp, and a child that is stopped."""

import os
import subprocess
import sys
import textwrap

renderer = """
    import sys, wave, array, math
    with wave.open(sys.stdout.buffer, "wb") as out:
        out.setparams((1, 2, 16000, 16000, "NONE", ""))
        out.writeframes(array.array("h", (int(9000 * math.sin(n / 9)) for n in range(16000))))
"""
done = subprocess.run(
    [sys.executable, "-c", textwrap.dedent(renderer)], capture_output=True, check=True, timeout=20
)
assert done.stdout.startswith(b"RIFF"), done.stderr
with open("/tmp/made.wav", "wb") as file:
    file.write(done.stdout)

subprocess.run(["cp", "--preserve=all", "/tmp/made.wav", "/out/output.wav"], check=True)
counted = subprocess.run(
    "ls -l /out | grep output | wc -l", shell=True, text=True, capture_output=True, check=True
)
assert counted.stdout.strip() == "1"

sleeper = subprocess.Popen(["sleep", "60"], start_new_session=True)
sleeper.terminate()
assert sleeper.wait(timeout=10) == -15
assert os.system("test -s /out/output.wav") == 0
