# tries = "finite samples that overflow whatever adds them up"
# expect = ["invalid_audio"]
# detail = ["where full scale is 1"]
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


samples = struct.pack("<2d", 1.7e308, -1.7e308) * 22050
write(pcm(tag=3, per_second=352800, align=8, bits=64), chunk(b"data", samples))
