# tries = "to learn serial numbers and keys that tell this machine from all others"
# expect = ["ok"]
# never = ["ESCAPED"]

import contextlib
import wave

PLACES = (
    "/sys/class/dmi/id/product_uuid",
    "/sys/class/dmi/id/product_serial",
    "/sys/class/dmi/id/board_serial",
    "/sys/firmware/dmi/tables/DMI",
    "/sys/firmware/acpi/tables/MSDM",
    "/sys/hypervisor/uuid",
    "/etc/machine-id",
    "/var/lib/dbus/machine-id",
    "/etc/ssh/ssh_host_ed25519_key",
    "/proc/keys",
    "/proc/sys/kernel/random/boot_id",
)
for path in PLACES:
    with contextlib.suppress(OSError), open(path, "rb") as file:
        if content := file.read(200):
            print("ESCAPED:", path, content)
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
