"""Two flutes: a few harmonics with their own slow tremor, and breath filtered around the pitch."""

import numpy as np
import soundfile as sf
from scipy.signal import butter, sosfilt

RATE = 44100
TOTAL = 3.5
D4, F4, D5 = (440.0 * 2 ** ((midi - 69) / 12) for midi in (62, 65, 74))

rng = np.random.default_rng(304)


def flute(frequency, seconds):
    """Return one flute note."""
    t = np.arange(round(seconds * RATE)) / RATE
    tremor = 1 + 0.05 * np.sin(2 * np.pi * rng.uniform(4.5, 5.5) * t + rng.uniform(0, 6))
    tone = np.zeros_like(t)
    for n, level in enumerate((1.0, 0.28, 0.12, 0.04, 0.02), start=1):
        # Higher harmonics speak a little later than the fundamental.
        swell = 1 - np.exp(-t / (0.006 * n))
        tone += level * swell * tremor**n * np.sin(2 * np.pi * n * frequency * t)
    band = [0.8 * frequency, 3.2 * frequency]
    breath = sosfilt(
        butter(1, band, "bandpass", fs=RATE, output="sos"), rng.standard_normal(t.size)
    )
    tone += 0.025 * breath * (1 + 2 * np.exp(-t / 0.03))
    return tone * np.minimum(1, t / 0.01) * np.clip((seconds - t) / 0.03, 0, 1)


audio = np.zeros(round(TOTAL * RATE))
for start, seconds, pitches in ((0.0, 1.0, (D4, F4)), (1.5, 1.5, (F4, D5))):
    begin = round(start * RATE)
    for pitch in pitches:
        note = flute(pitch, seconds)
        audio[begin : begin + note.size] += note
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
