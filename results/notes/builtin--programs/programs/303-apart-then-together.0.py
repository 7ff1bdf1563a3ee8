"""A triangle wavetable (eleven odd harmonics) read with interpolation, one voice per event."""

import numpy as np
import soundfile as sf

RATE = 44100
TOTAL = 4.0
SIZE = 2048
A3, E4 = 220.0, 440.0 * 2 ** ((64 - 69) / 12)
#         pitch, start, stop
EVENTS = ((A3, 0.0, 1.0), (E4, 1.0, 2.0), (A3, 2.0, 3.5), (E4, 2.0, 3.5))

cycle = np.arange(SIZE + 1) / SIZE
TABLE = sum(
    (-1) ** k / (2 * k + 1) ** 2 * np.sin(2 * np.pi * (2 * k + 1) * cycle) for k in range(11)
)


def voice(frequency, seconds):
    """Return a soft tone: struck a little louder, settling, and closed in 15 ms."""
    t = np.arange(round(seconds * RATE)) / RATE
    wave = np.interp((t * frequency) % 1.0, cycle, TABLE)
    envelope = np.minimum(t / 0.008, 1) * (0.7 + 0.3 * np.exp(-t / 0.15))
    return wave * envelope * np.clip((seconds - t) / 0.015, 0, 1)


audio = np.zeros(round(TOTAL * RATE))
for frequency, start, stop in EVENTS:
    tone = voice(frequency, stop - start)
    begin = round(start * RATE)
    audio[begin : begin + tone.size] += 0.4 * tone
sf.write("/out/output.wav", audio, RATE, subtype="PCM_16")
