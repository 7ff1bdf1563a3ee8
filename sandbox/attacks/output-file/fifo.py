# tries = "to make the reader wait for ever on a FIFO"
# expect = ["no_output"]
# detail = ["not a regular file"]
# never = ["ESCAPED"]

import os

os.mkfifo("output.wav")
