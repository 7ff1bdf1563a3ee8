# tries = "another format under this name, which a library that guesses would open"
# expect = ["invalid_audio"]
# detail = ["does not begin with RIFF"]
# never = ["ESCAPED"]

import numpy as np
import soundfile

samples = 0.3 * np.sin(np.arange(44100) / 16)
soundfile.write("output.wav", samples, 44100, format="FLAC", subtype="PCM_16")
