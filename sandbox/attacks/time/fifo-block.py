# tries = "to block in open() of a FIFO that nobody reads, in the place of the output"
# expect = ["timeout"]
# detail = ["not done after 1 s"]
# never = ["ESCAPED"]
# limits = { wall_s = 1 }

import os

os.mkfifo("output.wav")
os.open("output.wav", os.O_WRONLY)
