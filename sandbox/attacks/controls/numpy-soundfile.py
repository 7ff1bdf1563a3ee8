# tries = "nothing: a tone with numpy, written by soundfile"
# expect = ["ok"]
# never = ["ESCAPED"]
# quick = true

import numpy as np
import soundfile

t = np.arange(44100) / 44100
soundfile.write("output.wav", 0.3 * np.sin(2 * np.pi * 440 * t), 44100)
