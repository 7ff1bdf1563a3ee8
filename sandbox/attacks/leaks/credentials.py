# tries = "to find the credentials people keep in well-known places"
# expect = ["ok"]
# never = ["ESCAPED"]

import os
import wave

PLACES = (
    "/root/.ssh",
    "/root/.aws",
    "/root/.netrc",
    "/root/.docker/config.json",
    "/root/.config/gcloud",
    "/root/.kube",
    "/root/.cache/huggingface/token",
    "/home",
    "/run/secrets",
    "/var/run/secrets/kubernetes.io",
    "/etc/ssh",
    "/etc/docker",
    "/etc/ssl/private",
)
for path in PLACES:
    if os.path.isfile(path) or (os.access(path, os.R_OK) and os.listdir(path)):
        print("ESCAPED:", path)
for path in ("/etc/shadow", "/etc/gshadow", "/etc/sudoers"):
    if os.access(path, os.R_OK):
        print("ESCAPED:", path, "is readable")
with wave.open("output.wav", "wb") as file:
    file.setparams((1, 2, 44100, 0, "NONE", ""))
    file.writeframes(bytes(range(0, 200, 4)) * 1764)
