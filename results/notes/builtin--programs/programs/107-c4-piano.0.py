"""Additive piano: stretched partials of three detuned strings, each decaying in two stages."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
TOTAL = 2.5
DAMPED = 1.5
FREQUENCY = 440.0 * 2 ** ((60 - 69) / 12)
INHARMONICITY = 3.5e-4
STRIKE_POSITION = 1 / 8
DETUNE_CENTS = (-0.35, 0.05, 0.3)

rng = np.random.default_rng(60)
t = np.arange(round(TOTAL * RATE)) / RATE
audio = np.zeros_like(t)

for n in range(1, 36):
    stretch = np.sqrt((1 + INHARMONICITY * n**2) / (1 + INHARMONICITY))
    partial = n * FREQUENCY * stretch
    # The hammer is soft (a low-pass) and excites no mode that has a node where it strikes.
    level = abs(np.sin(np.pi * n * STRIKE_POSITION)) / n * np.exp(-partial / 2200)
    fast = 2.2 + 0.0011 * partial
    slow = 0.55 + 0.0007 * partial
    decay = 0.65 * np.exp(-fast * t) + 0.35 * np.exp(-slow * t)
    for cents in DETUNE_CENTS:
        angle = 2 * np.pi * partial * 2 ** (cents / 1200) * t
        audio += level / 3 * decay * np.sin(angle + rng.uniform(0, 0.6))

knock = rng.standard_normal(t.size) * np.exp(-t / 0.012)
audio += 0.06 * sosfilt(butter(2, [90, 900], "bandpass", fs=RATE, output="sos"), knock)

audio *= np.minimum(t / 0.002, 1)
damper = np.where(t < DAMPED, 1.0, np.exp(-(t - DAMPED) / 0.014))
damper[t > DAMPED + 0.12] = 0
audio *= damper
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
