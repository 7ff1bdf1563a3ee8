# tries = "nothing: a library that is not there"
# expect = ["runtime_error"]
# detail = ["No module named 'torchaudio'"]
# never = ["ESCAPED"]

import torchaudio

torchaudio.save("output.wav", None, 44100)
