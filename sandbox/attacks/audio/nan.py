# tries = "one sample that is not a number"
# expect = ["invalid_audio"]
# detail = ["NaN or infinite"]
# never = ["ESCAPED"]

import struct

TONE = bytes(range(0, 200, 4)) * 1764


def chunk(name, body):
    return name + struct.pack("<I", len(body)) + body


def write(*chunks):
    form = b"WAVE" + b"".join(chunks)
    with open("output.wav", "wb") as file:
        file.write(b"RIFF" + struct.pack("<I", len(form)) + form)


def pcm(tag=1, channels=1, rate=44100, per_second=88200, align=2, bits=16):
    return chunk(b"fmt ", struct.pack("<HHIIHH", tag, channels, rate, per_second, align, bits))


samples = [0.3 * (n % 50 < 25) for n in range(44100)]
samples[20_000] = float("nan")
write(
    pcm(tag=3, per_second=176400, align=4, bits=32),
    chunk(b"data", struct.pack("<44100f", *samples)),
)
