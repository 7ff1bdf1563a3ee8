"""A pad in pyo: detuned sawtooths through a low-pass, faded in and out by straight lines."""

import os

os.environ["PYO_GUI_WX"] = "0"

import numpy as np
import soundfile as sf
from pyo import ButLP, DataTable, Server, SuperSaw, TableRead

RATE = 44100
TOTAL = 4.0
SAMPLES = round(TOTAL * RATE)
PATH = "/out/output.wav"
FREQUENCY = 440.0 * 2 ** ((62 - 69) / 12)


def line(*points):
    """Return a control signal that runs in straight lines through (seconds, value) points."""
    times, values = zip(*points)
    curve = np.interp(np.arange(SAMPLES) / RATE, times, values)
    return TableRead(DataTable(SAMPLES, init=curve.tolist()), freq=RATE / SAMPLES).play()


server = Server(sr=RATE, nchnls=1, buffersize=64, duplex=0, audio="offline")
server.setVerbosity(1)
server.boot()
server.recordOptions(dur=TOTAL + 0.1, filename=PATH, fileformat=0, sampletype=3)

level = line((0.5, 0), (0.6, 1), (3.2, 1), (3.5, 0))
saws = SuperSaw(freq=FREQUENCY, detune=0.12, bal=0.35)
dark = ButLP(saws, freq=2400)
voice = ButLP(dark, freq=3600, mul=level).out()
server.start()

take, _ = sf.read(PATH)
audio = take[:SAMPLES]
audio = 0.7 * audio / np.max(np.abs(audio))
sf.write(PATH, audio, RATE, subtype="PCM_16")
