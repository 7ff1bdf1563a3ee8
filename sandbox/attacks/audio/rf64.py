# tries = "nothing: a file in the large form, as some libraries write it"
# expect = ["ok"]
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


body = pcm() + chunk(b"data", TONE).replace(struct.pack("<I", len(TONE)), b"\xff\xff\xff\xff", 1)
sizes = chunk(b"ds64", struct.pack("<QQQI", 40 + len(body), len(TONE), 44100, 0))
with open("output.wav", "wb") as file:
    file.write(b"RF64\xff\xff\xff\xffWAVE" + sizes + body)
