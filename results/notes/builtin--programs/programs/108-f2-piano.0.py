"""Modal piano: a hammer's force pulse drives a bank of resonators tuned to a stiff string."""

import numpy as np
import soundfile as sf
from scipy.signal import lfilter

RATE = 44100
TOTAL = 3.0
RELEASED = 2.0
FREQUENCY = 440.0 * 2 ** ((41 - 69) / 12)
STIFFNESS = 1.6e-4
STRIKE = 0.117


def hammer(contact):
    """Return the force of a felt hammer that touches the string for `contact` seconds."""
    phase = np.linspace(0, np.pi, round(contact * RATE))
    return np.sin(phase) ** 2.5 * (1 + 0.35 * np.sin(3 * phase))


samples = round(TOTAL * RATE)
force = np.zeros(samples)
pulse = hammer(0.0016)
force[: pulse.size] = pulse

audio = np.zeros(samples)
for n in range(1, 90):
    frequency = n * FREQUENCY * np.sqrt((1 + STIFFNESS * n**2) / (1 + STIFFNESS))
    if frequency > 9000:
        break
    shape = np.sin(np.pi * n * STRIKE)
    decay_rate = 0.75 + 0.0016 * frequency + 5e-8 * frequency**2
    # Two polarisations of the string: one couples strongly to the bridge, one hardly at all.
    for cents, loss, share in ((-0.15, 1.0, 1.0), (0.25, 0.35, 0.3)):
        omega = 2 * np.pi * frequency * 2 ** (cents / 1200) / RATE
        radius = np.exp(-decay_rate * loss / RATE)
        poles = [1, -2 * radius * np.cos(omega), radius**2]
        audio += share * shape * lfilter([0, np.sin(omega)], poles, force)

t = np.arange(samples) / RATE
release = np.exp(-np.maximum(t - RELEASED, 0) / 0.018)
release *= np.clip((RELEASED + 0.1 - t) / 0.02, 0, 1)
audio *= release
sf.write("/out/output.wav", 0.85 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
