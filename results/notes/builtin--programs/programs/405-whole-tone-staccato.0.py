"""A celesta in pyo: a sine phase-modulated at ratio 4, its curves drawn as straight lines."""

import os

os.environ["PYO_GUI_WX"] = "0"

import numpy as np
import soundfile as sf
from pyo import DataTable, HarmTable, Osc, Server, TableRead

RATE = 44100
TOTAL = 3.0
SAMPLES = round(TOTAL * RATE)
PATH = "/out/output.wav"
BEAT = 60 / 160
PITCHES = (65, 67, 69, 71, 73, 75, 77)


def line(*points):
    """Return a control signal that runs in straight lines through (seconds, value) points."""
    times, values = zip(*points)
    curve = np.interp(np.arange(SAMPLES) / RATE, times, values)
    return TableRead(DataTable(SAMPLES, init=curve.tolist()), freq=RATE / SAMPLES).play()


frequency, level, index = [], [], []
for number, midi in enumerate(PITCHES):
    start = number * BEAT
    stop = start + BEAT / 2
    hertz = 440.0 * 2 ** ((midi - 69) / 12)
    # The pitch changes in the silence before the stroke.
    frequency += [(start - 0.01, hertz), (start + BEAT - 0.02, hertz)]
    level += [(start, 0), (start + 0.003, 1), (start + 0.06, 0.7), (stop - 0.012, 0.45), (stop, 0)]
    index += [(start, 1.1), (start + 0.05, 0.4), (stop, 0.15)]

server = Server(sr=RATE, nchnls=1, buffersize=64, duplex=0, audio="offline")
server.setVerbosity(1)
server.boot()
server.recordOptions(dur=TOTAL + 0.1, filename=PATH, fileformat=0, sampletype=3)

pitch = line(*frequency)
loudness = line(*level)
brightness = line(*index)
sine = HarmTable([1.0])
# The phase of Osc is in cycles and must stay between 0 and 1, so it swings around a half.
modulator = Osc(sine, freq=pitch * 4, mul=brightness / (2 * np.pi), add=0.5)
celesta = Osc(sine, freq=pitch, phase=modulator, mul=loudness).out()
server.start()

take, _ = sf.read(PATH)
audio = take[:SAMPLES]
sf.write(PATH, 0.7 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
