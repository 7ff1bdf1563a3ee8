"""A small tier in a folder, of beeps at stated times, and programs that beep as they are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

RATE = 44100

_TIER = """\
name = "beeps"
version = "1.0.0"
title = "Beeps"
sample_rate = 44100
duration_s = 2
languages = ["python", "python-numpy", "csound"]
truth = "notes"
metrics = ["note_f1"]
primary_metric = "note_f1"

[limits]
wall_s = 20

[groups]
one = "One beep"
two = "Two beeps"
three = "Three beeps"
"""
_WORDS = "Write a Python program that leaves $text as $output, $duration s at $sample_rate Hz."
_CSOUND_WORDS = "Write a Csound program of $duration s that plays $text at $sample_rate Hz."

Beep = tuple[float, float, float]
"""Frequency in Hz, begin and end in s."""

A4, A5, E5 = (440.0, 0.4, 0.9), (880.0, 1.3, 1.8), (659.255, 0.6, 1.2)
BEEPS: dict[str, tuple[Beep, ...]] = {"one": (A4,), "two": (A4, A5), "three": (A4, E5, A5)}


def text(*beeps: Beep) -> str:
    """What a prompt says of beeps."""
    return " and ".join(f"a beep of {hz:g} Hz from {a:g} to {b:g} s" for hz, a, b in beeps)


def program(*beeps: Beep, length_s: float = 2.0) -> str:
    """A Python program that leaves these beeps."""
    return f"""\
import numpy as np
import soundfile
t = np.arange(round({length_s} * {RATE})) / {RATE}
x = np.zeros(len(t))
for hz, a, b in {list(beeps)}:
    fade = np.clip(np.minimum(t - a, b - t) / 0.005, 0, 1)
    x += 0.3 * fade * np.sin(2 * np.pi * hz * (t - a))
soundfile.write("/out/output.wav", x, {RATE}, subtype="PCM_16")
"""


def csound(*beeps: Beep, length_s: float = 2.0) -> str:
    """A Csound program that plays these beeps."""
    notes = "\n".join(f"i 1 {a} {b - a} {hz}" for hz, a, b in beeps)
    return f"""\
<CsoundSynthesizer>
<CsOptions>
-odac -f
</CsOptions>
<CsInstruments>
sr = {RATE}
ksmps = 10
nchnls = 1
0dbfs = 1
instr 1
  out linen(oscili(0.3, p4), 0.005, p3, 0.005)
endin
</CsInstruments>
<CsScore>
f 0 {length_s}
{notes}
</CsScore>
</CsoundSynthesizer>
"""


def _prompt(name: str, beeps: tuple[Beep, ...]) -> dict[str, Any]:
    midi = {440.0: 69, 880.0: 81, 659.255: 76}
    notes = [{"midi": midi[hz], "onset_s": a, "offset_s": b} for hz, a, b in beeps]
    return {
        "id": name,
        "group": name,
        "level": len(beeps),
        "text": text(*beeps),
        "truth": {"notes": notes},
    }


def write_tier(folder: Path, *names: str) -> Path:
    """Write the tier of these prompts, or of all; each has a program."""
    programs = folder / "programs"
    programs.mkdir(parents=True)
    (folder / "tier.toml").write_text(_TIER)
    (folder / "prompt.md").write_text(_WORDS)
    (folder / "prompt.csound.md").write_text(_CSOUND_WORDS)
    chosen = {name: BEEPS[name] for name in names or BEEPS}
    rows = [json.dumps(_prompt(name, beeps)) for name, beeps in chosen.items()]
    (folder / "prompts.jsonl").write_text("\n".join(rows) + "\n")
    for name, beeps in chosen.items():
        (programs / f"{name}.py").write_text(program(*beeps))
    return folder
