# tries = "to feed a reader without end through a FIFO"
# expect = ["no_output", "timeout"]
# never = ["ESCAPED"]
# limits = { wall_s = 2 }

import os

os.mkfifo("output.wav")
if os.fork() == 0:
    with open("output.wav", "wb") as file:
        while True:
            file.write(bytes(65536))
