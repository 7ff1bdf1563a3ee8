# tries = "nothing: a voice of pyo, rendered offline"
# expect = ["ok"]
# never = ["ESCAPED"]

import os

os.environ["PYO_GUI_WX"] = "0"

import pyo

server = pyo.Server(sr=44100, nchnls=1, audio="offline", duplex=0)
server.setVerbosity(0)
server.boot()
server.recordOptions(dur=1.0, filename="/out/output.wav", fileformat=0, sampletype=0)
voice = pyo.FM(carrier=220, ratio=2, index=4, mul=0.3).out()
server.start()
