"""Bowed violin: a band-limited sawtooth with vibrato, filtered by the modes of the body."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, iirpeak, lfilter, sosfilt

RATE = 44100
TOTAL = 3.0
LENGTH = 2.5
FREQUENCY = 440.0

#        centre in Hz, Q, gain: air mode, main wood, plate modes, bridge hill
BODY = (
    (275, 12, 1.0),
    (460, 14, 2.2),
    (550, 12, 1.5),
    (890, 9, 1.2),
    (1350, 7, 1.1),
    (2450, 2.5, 1.6),
    (3600, 4, 0.5),
)

rng = np.random.default_rng(440)
samples = round(LENGTH * RATE)
t = np.arange(samples) / RATE

depth = 11 * np.clip((t - 0.25) / 0.4, 0, 1)
vibrato = depth * np.sin(2 * np.pi * 5.4 * t)
drift = np.interp(t, np.linspace(0, LENGTH, 30), rng.normal(0, 0.8, 30))
frequency = FREQUENCY * 2 ** ((vibrato + drift) / 1200)
phase = 2 * np.pi * np.cumsum(frequency) / RATE

string = np.zeros(samples)
for n in range(1, int(16000 / FREQUENCY)):
    string += np.sin(n * phase) / n * np.exp(-n / 22)

bow = sosfilt(
    butter(1, [1500, 7000], "bandpass", fs=RATE, output="sos"), rng.standard_normal(samples)
)
# Rosin noise comes in the slipping part of each cycle.
string += 0.05 * bow * (0.4 + 0.6 * ((phase / (2 * np.pi)) % 1.0 < 0.2))

tone = 0.35 * string
for centre, q, gain in BODY:
    b, a = iirpeak(centre, q, fs=RATE)
    tone = tone + gain * lfilter(b, a, string)

tone *= np.interp(t, [0, 0.015, 0.08, LENGTH - 0.05, LENGTH], [0, 0.6, 1, 0.95, 0])
audio = np.zeros(round(TOTAL * RATE))
audio[:samples] = tone
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
