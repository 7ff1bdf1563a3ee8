# tries = "to look alive by printing a little for ever"
# expect = ["timeout"]
# detail = ["not done after 1 s"]
# never = ["ESCAPED"]
# limits = { wall_s = 1 }

import time

while True:
    print("still working", flush=True)
    time.sleep(0.01)
