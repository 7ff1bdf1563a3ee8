"""An electric piano in pyo: phase-modulated sines for the bodies, plain ones for the tines."""

import os

os.environ["PYO_GUI_WX"] = "0"

import numpy as np
import soundfile as sf
from pyo import DataTable, HarmTable, Osc, Server, Sine, TableRead

RATE = 44100
TOTAL = 3.5
SAMPLES = round(TOTAL * RATE)
PATH = "/out/output.wav"
CHORD = [440.0 * 2 ** ((midi - 69) / 12) for midi in (55, 59, 62, 65)]


def line(*points):
    """Return a control signal that runs in straight lines through (seconds, value) points."""
    times, values = zip(*points)
    curve = np.interp(np.arange(SAMPLES) / RATE, times, values)
    return TableRead(DataTable(SAMPLES, init=curve.tolist()), freq=RATE / SAMPLES).play()


server = Server(sr=RATE, nchnls=1, buffersize=64, duplex=0, audio="offline")
server.setVerbosity(1)
server.boot()
server.recordOptions(dur=TOTAL + 0.1, filename=PATH, fileformat=0, sampletype=3)

body = line((0.5, 0), (0.504, 1), (1.2, 0.7), (2.99, 0.45), (3.03, 0))
tine = line((0.5, 0), (0.504, 1), (0.56, 0.4), (0.68, 0.1), (1.0, 0))
index = line((0.5, 1.4), (0.9, 0.7), (3.0, 0.4))

sine = HarmTable([1.0])
# The phase of Osc is in cycles and must stay between 0 and 1, so it swings around a half.
modulator = Osc(sine, freq=CHORD, mul=index / (2 * np.pi), add=0.5)
low = Osc(sine, freq=CHORD, phase=modulator, mul=body * 0.14).out()
high = Sine(freq=[14 * pitch for pitch in CHORD], mul=tine * 0.02).out()
server.start()

take, _ = sf.read(PATH)
audio = take[:SAMPLES]
sf.write(PATH, 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
