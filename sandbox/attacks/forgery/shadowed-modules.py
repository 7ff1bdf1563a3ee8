# tries = "to have modules of its own imported by whatever reads its folder"
# expect = ["ok"]
# never = ["ESCAPED"]

import wave

for name in ("numpy", "soundfile", "soxr", "sitecustomize", "conftest"):
    with open(f"/out/{name}.py", "w") as file:
        file.write("open('/tmp/probe-escaped', 'w').close()\n")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
