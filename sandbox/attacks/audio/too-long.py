# tries = "ten times the length that was asked for"
# expect = ["invalid_audio"]
# detail = ["were asked for"]
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


write(pcm(), chunk(b"data", TONE * 10))
