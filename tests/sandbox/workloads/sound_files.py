"""Writing and reading sound with soundfile, by name and through a file object."""

import io

import numpy as np
import soundfile as sf

tone = 0.5 * np.sin(2 * np.pi * 330 * np.arange(22050) / 22050)
for subtype, error in {"PCM_16": 1e-4, "PCM_24": 1e-6, "FLOAT": 1e-7}.items():
    sf.write("/tmp/tone.wav", tone, 22050, subtype=subtype)
    read, rate = sf.read("/tmp/tone.wav")
    assert rate == 22050
    assert np.abs(read - tone).max() < error

memory = io.BytesIO()
sf.write(memory, tone, 22050, format="FLAC")
memory.seek(0)
again, _ = sf.read(memory)

with sf.SoundFile("output.wav", "w", samplerate=22050, channels=1) as out:
    for block in np.array_split(again, 10):
        out.write(block)
assert sf.info("/out/output.wav").frames == 22050
