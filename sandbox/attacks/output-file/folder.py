# tries = "a folder in the place of the output"
# expect = ["no_output"]
# detail = ["not a regular file"]
# never = ["ESCAPED"]

import os

os.makedirs("output.wav/output.wav")
