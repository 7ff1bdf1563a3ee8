"""Mutated WAVs through the parser: nothing but a verdict may come out, in bounded memory.

Run with ``python benchmarks/fuzz_wav.py [inputs] [seed]``; 200,000 inputs by default. Exit code 1
when an exception other than `InvalidAudio` escapes or one input makes the parser hold more than
`CAP_BYTES`.
"""

from __future__ import annotations

import io
import random
import struct
import sys
import time
import tracemalloc
from collections import Counter

import numpy as np
import soundfile

from probe.audio import parse_wav
from probe.board.markdown import table
from probe.wav import InvalidAudio

RATE, DURATION_S, TOLERANCE_S = 8000, 0.05, 0.25
CAP_BYTES = 4 << 20
"""0.3 s at the highest rate of 192 kHz and 8 bytes a sample is 0.46 MB; the parser may hold a few
copies of that, never what a header claims."""

FORMATS = [
    *(("WAV", subtype) for subtype in ("PCM_U8", "PCM_16", "PCM_24", "PCM_32", "FLOAT", "DOUBLE")),
    *(("WAVEX", subtype) for subtype in ("PCM_16", "PCM_24", "FLOAT")),
    *(("RF64", subtype) for subtype in ("PCM_16", "FLOAT")),
    *(("WAV", subtype) for subtype in ("ULAW", "IMA_ADPCM")),
]
TELLING = [0, 1, 2, 3, 0x7F, 0x80, 0xFE, 0xFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def seeds() -> list[bytes]:
    """Good files in every format there is a writer for, mono and stereo."""
    rng = np.random.default_rng(0)
    files = []
    for container, subtype in FORMATS:
        for channels in (1, 2):
            data = io.BytesIO()
            samples = 0.3 * rng.standard_normal((round(RATE * DURATION_S), channels))
            soundfile.write(data, np.clip(samples, -1, 1), RATE, subtype, format=container)
            files.append(data.getvalue())
    return files


def mutate(data: bytes, rng: random.Random) -> bytes:
    """Change a few places, more often in the header than in the samples."""
    mutated = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 3, 8))):
        at = rng.randrange(min(len(mutated), 120) if rng.random() < 0.8 else len(mutated))
        match rng.randrange(6):
            case 0:
                mutated[at] ^= 1 << rng.randrange(8)
            case 1:
                mutated[at : at + 4] = struct.pack("<I", rng.choice(TELLING))
            case 2:
                mutated[at : at + 2] = struct.pack("<H", rng.choice(TELLING) & 0xFFFF)
            case 3:
                del mutated[at : at + rng.randrange(1, 40)]
            case 4:
                piece = mutated[at : at + rng.randrange(1, 60)]
                mutated[at:at] = piece
            case 5:
                del mutated[at:]
        if not mutated:
            return b""
    return bytes(mutated)


def main() -> int:
    """Fuzz and print; 0 when all went well."""
    inputs = int(sys.argv[1]) if len(sys.argv) > 1 else 200_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 2506
    rng, files = random.Random(seed), seeds()
    verdicts: Counter[str] = Counter()
    escaped, most = [], 0
    began = time.monotonic()
    tracemalloc.start()
    for _ in range(inputs):
        data = mutate(rng.choice(files), rng)
        tracemalloc.reset_peak()
        held = tracemalloc.get_traced_memory()[0]
        try:
            parse_wav(data, sample_rate=RATE, duration_s=DURATION_S, tolerance_s=TOLERANCE_S)
            verdicts["accepted"] += 1
        except InvalidAudio:
            verdicts["refused"] += 1
        except Exception as error:
            escaped.append(f"{type(error).__name__}: {error} for {data[:64].hex()}…")
        most = max(most, tracemalloc.get_traced_memory()[1] - held)
    seconds = time.monotonic() - began
    found = {
        "inputs": f"{inputs}",
        "accepted": f"{verdicts['accepted']}",
        "refused": f"{verdicts['refused']}",
        "escaped": f"{len(escaped)}",
        "most memory": f"{most / 2**20:.2f} MiB",
        "seconds": f"{seconds:.0f}",
    }
    print(table([*found], [[*found.values()]]), end="")
    for line in escaped[:10]:
        print(line, file=sys.stderr)
    return 1 if escaped or most > CAP_BYTES else 0


if __name__ == "__main__":
    raise SystemExit(main())
