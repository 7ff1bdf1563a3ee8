# tries = "nothing: renders to a temporary file and moves it into place"
# expect = ["ok"]
# never = ["ESCAPED"]

import shutil
import tempfile
import wave

with tempfile.TemporaryDirectory() as folder:
    with wave.open(f"{folder}/draft.wav", "wb") as file:
        file.setparams((1, 2, 44100, 0, "NONE", ""))
        file.writeframes(bytes(range(0, 200, 4)) * 1764)
    shutil.move(f"{folder}/draft.wav", "/out/output.wav")
