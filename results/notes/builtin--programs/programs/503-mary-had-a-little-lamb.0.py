"""A game console in pyo: one band-limited square oscillator, switched by breakpoint lines."""

import os

os.environ["PYO_GUI_WX"] = "0"

import numpy as np
import soundfile as sf
from pyo import LFO, DataTable, DCBlock, Server, TableRead

RATE = 44100
TOTAL = 6.0
SAMPLES = round(TOTAL * RATE)
PATH = "/out/output.wav"
BEAT = 60 / 160
EDGE = 0.003
TUNE = (
    ((71, 1), (69, 1), (67, 1), (69, 1))
    + ((71, 1), (71, 1), (71, 2))
    + ((69, 1), (69, 1), (69, 2))
    + ((71, 1), (74, 1), (74, 2))
)


def line(*points):
    """Return a control signal that runs in straight lines through (seconds, value) points."""
    times, values = zip(*points)
    curve = np.interp(np.arange(SAMPLES) / RATE, times, values)
    return TableRead(DataTable(SAMPLES, init=curve.tolist()), freq=RATE / SAMPLES).play()


pitch, gate = [], []
time = 0.0
for midi, beats in TUNE:
    stop = time + 0.8 * beats * BEAT
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    # The new pitch arrives in the gap before the gate opens.
    pitch += [(time - 0.01, hertz), (time + beats * BEAT - 0.02, hertz)]
    gate += [(time, 0), (time + EDGE, 1), (stop - EDGE, 1), (stop, 0)]
    time += beats * BEAT

server = Server(sr=RATE, nchnls=1, buffersize=64, duplex=0, audio="offline")
server.setVerbosity(1)
server.boot()
server.recordOptions(dur=TOTAL + 0.1, filename=PATH, fileformat=0, sampletype=3)

frequency = line(*pitch)
volume = line(*gate)
square = DCBlock(LFO(freq=frequency, sharp=1, type=2))
voice = (square * volume * 0.5).out()
server.start()

take, _ = sf.read(PATH)
audio = take[:SAMPLES]
sf.write(PATH, 0.6 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
