"""Modal marimba: bar modes 1 : 3.93 : 9.6, each weighted by how softly the mallet pushes."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 2.0
DAMPED = 1.5
FREQUENCY = 440.0 * 2 ** ((55 - 69) / 12)
CONTACT = 0.0022


def mallet_weight(frequency):
    """Return the spectrum of a half-sine push of CONTACT seconds, relative to its value at 0 Hz."""
    x = 2 * frequency * CONTACT
    return abs(np.cos(np.pi * x / 2) / (1 - x**2 + 1e-12))


t = np.arange(round(TOTAL * RATE)) / RATE
audio = np.zeros_like(t)
for ratio, level, tau in ((1, 1.0, 0.46), (3.93, 0.55, 0.09), (9.6, 0.3, 0.03)):
    frequency = ratio * FREQUENCY
    audio += level * mallet_weight(frequency) * np.exp(-t / tau) * np.sin(2 * np.pi * frequency * t)

thud = np.exp(-t / 0.009) * np.sin(2 * np.pi * 95 * t)
noise = np.random.default_rng(55).standard_normal(t.size)
thump = np.convolve(noise, np.hanning(160) / 80, mode="same") * np.exp(-t / 0.008)
audio += 0.1 * thud + 0.12 * thump

audio *= np.minimum(t / 0.003, 1)
audio *= np.where(t < DAMPED, 1, np.exp(-(t - DAMPED) / 0.012)) * np.clip(
    (DAMPED + 0.08 - t) / 0.02, 0, 1
)
sf.write("/out/output.wav", 0.8 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
