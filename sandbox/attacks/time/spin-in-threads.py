# tries = "hashing in threads, which Python runs without its lock"
# expect = ["timeout"]
# detail = ["of CPU time"]
# never = ["ESCAPED"]
# limits = { cpu_s = 1, wall_s = 20 }

import hashlib
import threading


def work():
    while True:
        hashlib.pbkdf2_hmac("sha512", b"password", b"salt", 1_000_000)


for _ in range(8):
    threading.Thread(target=work).start()
