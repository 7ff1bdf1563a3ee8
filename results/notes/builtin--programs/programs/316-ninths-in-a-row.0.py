"""An electric organ with three drawbars a key."""

import numpy as np
import soundfile as sf

RATE = 44100
DRAWBARS = ((1, 1.0), (2, 0.3), (3, 0.2))
CHORDS = (
    (0.0, (62, 65, 69, 72, 76)),
    (1.25, (55, 59, 62, 65, 69)),
    (2.5, (60, 64, 67, 71, 74)),
)

t = np.arange(4 * RATE) / RATE
audio = np.zeros(t.size)
for begin, keys in CHORDS:
    gate = np.clip(np.minimum(t - begin, begin + 1 - t) / 0.006, 0, 1)
    for midi in keys:
        hertz = 440.0 * 2 ** ((midi - 69) / 12)
        for n, level in DRAWBARS:
            audio += level * gate * np.sin(2 * np.pi * n * hertz * t + 1.7 * midi)
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
