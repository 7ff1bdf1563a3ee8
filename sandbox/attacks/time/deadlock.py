# tries = "two threads that wait for each other, after the output is complete"
# expect = ["timeout"]
# detail = ["not done after 1 s"]
# never = ["ESCAPED"]
# limits = { wall_s = 1 }

import threading
import wave

with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
lock = threading.Lock()
lock.acquire()
threading.Thread(target=lock.acquire).start()
