"""Brass in pyo: phase modulation whose depth follows the loudness, one voice per note."""

import os

os.environ["PYO_GUI_WX"] = "0"

import numpy as np
import soundfile as sf
from pyo import DataTable, HarmTable, Osc, Server, TableRead

RATE = 44100
TOTAL = 4.5
SAMPLES = round(TOTAL * RATE)
PATH = "/out/output.wav"
START, BEAT = 0.25, 60 / 120
REST = None
BAR_1 = ((67, 0.75), (67, 0.25), (72, 1), (REST, 1), (76, 0.5), (74, 0.5))
BAR_2 = ((72, 1), (REST, 0.5), (67, 0.5), (72, 2))


def line(*points):
    """Return a control signal that runs in straight lines through (seconds, value) points."""
    times, values = zip(*points)
    curve = np.interp(np.arange(SAMPLES) / RATE, times, values)
    return TableRead(DataTable(SAMPLES, init=curve.tolist()), freq=RATE / SAMPLES).play()


server = Server(sr=RATE, nchnls=1, buffersize=64, duplex=0, audio="offline")
server.setVerbosity(1)
server.boot()
server.recordOptions(dur=TOTAL + 0.1, filename=PATH, fileformat=0, sampletype=3)

sine = HarmTable([1.0])
voices = []
time = START
for midi, beats in BAR_1 + BAR_2:
    if midi is not REST:
        hertz = 440.0 * 2 ** ((midi - 69) / 12)
        stop = time + 0.8 * beats * BEAT
        blow = (time, 0), (time + 0.014, 0.9), (time + 0.03, 1), (time + 0.06, 0.8)
        lips = line(*blow, (stop - 0.02, 0.75), (stop, 0))
        # The phase of Osc is in cycles, between 0 and 1: a swing of 0.45 is an index of 2.8.
        modulator = Osc(sine, freq=hertz, mul=lips * 0.45, add=0.5)
        voices += [lips, modulator, Osc(sine, freq=hertz, phase=modulator, mul=lips * 0.5).out()]
    time += beats * BEAT
server.start()

take, _ = sf.read(PATH)
audio = take[:SAMPLES]
sf.write(PATH, 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
