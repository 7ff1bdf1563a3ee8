# tries = "nothing: prints a progress line very often, as programs do, but no flood"
# expect = ["ok"]
# never = ["ESCAPED"]

import wave

for percent in range(4000):
    print(f"rendering: {percent / 40:.2f} % of the samples are done")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
