"""A bass in pyo: one sawtooth into a Moog ladder, which every note opens and lets fall."""

import os

os.environ["PYO_GUI_WX"] = "0"

import numpy as np
import soundfile as sf
from pyo import LFO, DataTable, MoogLP, Server, TableRead

RATE = 44100
TOTAL = 5.0
SAMPLES = round(TOTAL * RATE)
PATH = "/out/output.wav"
SIXTEENTH = 60 / 100 / 4
REST = None
BAR_1 = ((33, 3), (33, 1), (REST, 1), (36, 2), (38, 1), (REST, 2), (40, 2), (43, 2), (REST, 2))
BAR_2 = ((33, 2), (REST, 1), (45, 1), (43, 2), (40, 2), (REST, 2), (38, 1), (36, 1), (33, 4))


def line(*points):
    """Return a control signal that runs in straight lines through (seconds, value) points."""
    times, values = zip(*points)
    curve = np.interp(np.arange(SAMPLES) / RATE, times, values)
    return TableRead(DataTable(SAMPLES, init=curve.tolist()), freq=RATE / SAMPLES).play()


pitch, gate, cutoff = [], [], []
time = 0.0
for midi, length in BAR_1 + BAR_2:
    following = time + length * SIXTEENTH
    if midi is not REST:
        hertz = 440.0 * 2 ** ((midi - 69) / 12)
        stop = time + 0.8 * length * SIXTEENTH
        pitch += [(time - 0.01, hertz), (following - 0.02, hertz)]
        gate += [(time, 0), (time + 0.005, 1), (stop - 0.012, 0.8), (stop, 0)]
        cutoff += [(time, 2400), (time + 0.04, 1300), (stop, 1100)]
    time = following

server = Server(sr=RATE, nchnls=1, buffersize=64, duplex=0, audio="offline")
server.setVerbosity(1)
server.boot()
server.recordOptions(dur=TOTAL + 0.1, filename=PATH, fileformat=0, sampletype=3)

frequency = line(*pitch)
level = line(*gate)
sweep = line(*cutoff)
saw = LFO(freq=frequency, sharp=0.9, type=0, mul=0.4)
bass = (MoogLP(saw, freq=sweep, res=0.25) * level).out()
server.start()

take, _ = sf.read(PATH)
audio = take[:SAMPLES]
sf.write(PATH, 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
