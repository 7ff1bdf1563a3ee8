"""A pipe organ in pyo: one table of drawbar harmonics, read by three oscillators."""

import os

os.environ["PYO_GUI_WX"] = "0"

import numpy as np
import soundfile as sf
from pyo import ButLP, DataTable, HarmTable, Osc, Server, TableRead

RATE = 44100
TOTAL = 4.0
SAMPLES = round(TOTAL * RATE)
PATH = "/out/output.wav"
CHORD = [440.0 * 2 ** ((midi - 69) / 12) for midi in (60, 64, 67)]


def line(*points):
    """Return a control signal that runs in straight lines through (seconds, value) points."""
    times, values = zip(*points)
    curve = np.interp(np.arange(SAMPLES) / RATE, times, values)
    return TableRead(DataTable(SAMPLES, init=curve.tolist()), freq=RATE / SAMPLES).play()


server = Server(sr=RATE, nchnls=1, buffersize=64, duplex=0, audio="offline")
server.setVerbosity(1)
server.boot()
server.recordOptions(dur=TOTAL + 0.1, filename=PATH, fileformat=0, sampletype=3)

#        8'        4'         2 2/3'     2'
table = HarmTable([1.0, 0.4, 0.15, 0.12, 0, 0, 0, 0.04], size=8192)
wind = line((0.5, 0), (0.512, 1), (2.99, 1), (3.005, 0))
pipes = Osc(table, freq=CHORD, phase=[0, 0.3, 0.6], mul=0.2)
organ = ButLP(pipes.mix(1), freq=6000, mul=wind).out()
server.start()

take, _ = sf.read(PATH)
audio = take[:SAMPLES]
sf.write(PATH, 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
