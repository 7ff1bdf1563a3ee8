# tries = "to find an interface beside the loopback, or a route anywhere"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import os
import wave

TUNNELS = (
    "sit0",
    "tunl0",
    "gre0",
    "gretap0",
    "erspan0",
    "ip_vti0",
    "ip6_vti0",
    "ip6tnl0",
    "ip6gre0",
)
with open("/proc/net/dev") as file:
    names = {line.split(":")[0].strip() for line in file.readlines()[2:]}
with contextlib.suppress(FileNotFoundError):
    names |= set(os.listdir("/sys/class/net"))
if others := sorted(names - {"lo", "bonding_masters", *TUNNELS}):
    print("ESCAPED: interfaces", others)
with open("/proc/net/route") as file:
    if routes := file.readlines()[1:]:
        print("ESCAPED: routes", routes)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
