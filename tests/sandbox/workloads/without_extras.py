"""A program that would like to plot and to play, and does without."""

import socket
import urllib.error
import urllib.request

import numpy as np
import soundfile as sf

for name in ("matplotlib", "sounddevice"):
    try:
        __import__(name)
    except ImportError:
        continue
    raise AssertionError(f"{name} is here")

try:
    urllib.request.urlopen("http://192.0.2.1/clip.wav", timeout=5)
except urllib.error.URLError as error:
    reason = error.reason
assert isinstance(reason, PermissionError)
try:
    socket.getaddrinfo("example.org", 80)
except socket.gaierror:
    pass
else:
    raise AssertionError("there is a resolver")

sf.write("output.wav", 0.4 * np.sign(np.sin(np.arange(8000) / 12)), 8000)
