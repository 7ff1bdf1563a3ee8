# tries = "to run a written file by handing it to the dynamic loader, which is allowed to run"
# expect = ["ok"]
# never = ["ESCAPED"]

import glob
import os
import subprocess
import wave

loaders = glob.glob("/lib*/ld-linux*.so*") + glob.glob("/lib/*/ld-linux*.so*")
with open("/usr/bin/true", "rb") as source, open("/tmp/program", "wb") as file:
    file.write(source.read())
os.chmod("/tmp/program", 0o755)
for loader in loaders:
    if subprocess.run([loader, "/tmp/program"], stderr=subprocess.DEVNULL).returncode == 0:
        print("ESCAPED: ran by", loader)
os.unlink("/tmp/program")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
