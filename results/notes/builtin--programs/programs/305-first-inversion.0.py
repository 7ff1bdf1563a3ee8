"""Synthesizer brass in pyo: band-limited sawtooths, a Moog ladder opened by its own envelope."""

import os

os.environ["PYO_GUI_WX"] = "0"

import numpy as np
import soundfile as sf
from pyo import LFO, DataTable, MoogLP, Server, TableRead

RATE = 44100
TOTAL = 3.0
SAMPLES = round(TOTAL * RATE)
PATH = "/out/output.wav"
CHORD = [440.0 * 2 ** ((midi - 69) / 12) for midi in (60, 64, 69)]


def line(*points):
    """Return a control signal that runs in straight lines through (seconds, value) points."""
    times, values = zip(*points)
    curve = np.interp(np.arange(SAMPLES) / RATE, times, values)
    return TableRead(DataTable(SAMPLES, init=curve.tolist()), freq=RATE / SAMPLES).play()


server = Server(sr=RATE, nchnls=1, buffersize=64, duplex=0, audio="offline")
server.setVerbosity(1)
server.boot()
server.recordOptions(dur=TOTAL + 0.1, filename=PATH, fileformat=0, sampletype=3)

level = line((0.25, 0), (0.265, 1), (0.6, 0.85), (2.46, 0.85), (2.5, 0))
cutoff = line((0.25, 900), (0.33, 3200), (0.8, 1900), (2.4, 1700), (3.0, 900))
saws = LFO(freq=CHORD, sharp=0.9, type=0, mul=0.2)
brass = MoogLP(saws.mix(1), freq=cutoff, res=0.15, mul=level).out()
server.start()

take, _ = sf.read(PATH)
audio = take[:SAMPLES]
sf.write(PATH, 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
