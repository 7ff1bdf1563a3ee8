"""Modal bar of wood: modes 1 : 3 : 6.1 that die quickly, excited by a hard, short blow."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, lfilter, sosfilt

RATE = 44100
TOTAL = 2.0
STOPPED = 0.5
FREQUENCY = 440.0 * 2 ** ((67 - 69) / 12)

samples = round(TOTAL * RATE)
t = np.arange(samples) / RATE

# A hard mallet stays on the bar for less than a millisecond, so the blow is wide-band.
blow = np.zeros(samples)
contact = round(0.0006 * RATE)
blow[:contact] = np.sin(np.linspace(0, np.pi, contact))

audio = np.zeros(samples)
for ratio, level, tau in (
    (1, 1.0, 0.19),
    (3.0, 0.42, 0.055),
    (6.1, 0.2, 0.025),
    (9.8, 0.08, 0.012),
):
    omega = 2 * np.pi * ratio * FREQUENCY / RATE
    radius = np.exp(-1 / (tau * RATE))
    audio += level * lfilter([0, np.sin(omega)], [1, -2 * radius * np.cos(omega), radius**2], blow)

click = np.random.default_rng(67).standard_normal(samples) * np.exp(-t / 0.0025)
audio += 0.4 * sosfilt(butter(2, [1500, 6000], "bandpass", fs=RATE, output="sos"), click)

hand = np.clip(1 - (t - STOPPED) / 0.03, 0, 1)
audio *= hand
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
