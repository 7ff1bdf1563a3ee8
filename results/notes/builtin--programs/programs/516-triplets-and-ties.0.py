"""A clarinet: a square wave's odd harmonics, softened, with weak even ones."""

import numpy as np
import soundfile as sf

RATE = 44100
BEAT, SOUNDING = 0.6, 0.85
TUNE = (
    *((67, 1 / 3), (69, 1 / 3), (71, 1 / 3), (72, 1), (None, 0.5), (74, 1), (72, 0.5)),
    *((71, 1.5), (69, 0.5), (67, 0.25), (66, 0.25), (64, 0.25), (66, 0.25), (67, 1)),
)

audio = np.zeros(5 * RATE)
begin = 0.0
for midi, beats in TUNE:
    if midi is not None:
        length = beats * BEAT * SOUNDING
        t = np.arange(round(length * RATE)) / RATE
        hertz = 440.0 * 2 ** ((midi - 69) / 12)
        tone = np.zeros(t.size)
        for n in range(1, 14):
            tone += (1.0 if n % 2 else 0.08) / n**1.2 * np.sin(2 * np.pi * n * hertz * t)
        tone *= np.clip(np.minimum(t / 0.008, (length - t) / 0.01), 0, 1)
        at = round(begin * RATE)
        audio[at : at + t.size] += tone
    begin += beats * BEAT
sf.write("/out/output.wav", 0.75 * audio / np.max(np.abs(audio)), RATE, subtype="PCM_16")
