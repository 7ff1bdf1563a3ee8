"""A voice rendered by pyo's offline server."""

from pathlib import Path

from pyo import Adsr, Freeverb, Server, SuperSaw

server = Server(sr=44100, nchnls=1, buffersize=64, duplex=0, audio="offline").boot()
server.recordOptions(dur=1.0, filename="/out/output.wav", fileformat=0, sampletype=0)
envelope = Adsr(attack=0.01, decay=0.1, sustain=0.6, release=0.2, dur=0.8).play()
voice = Freeverb(SuperSaw(freq=220, mul=envelope), size=0.7).out()
server.start()

assert Path("/out/output.wav").stat().st_size > 80_000
