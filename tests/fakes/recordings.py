"""Folders of recordings: of tones, and of sounds of given classes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.audio import to_pcm16
from probe.records.references import References
from probe.wav import pcm16_wav_bytes
from tests.fakes.doors import ToneSource
from tests.fakes.tiers import prompt

RATE = 44100


def write_references(folder: Path, midis: Iterable[int]) -> References:
    """Recordings of one tone each, two seconds long."""
    folder.mkdir()
    rows = ["file,label,text,midi,sample_rate,duration_s,licence,attribution,source,sha256"]
    for midi in midis:
        asked = prompt("x", {"midi": midi, "onset_s": 0.0, "offset_s": 2.0})
        data = pcm16_wav_bytes(to_pcm16(ToneSource().audio(asked, 0, RATE)), RATE)
        (folder / f"{midi}.wav").write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        rows.append(f"{midi}.wav,sine,,{midi},{RATE},2.0,CC0-1.0,nobody,made here,{digest}")
    (folder / "clips.csv").write_text("\n".join(rows) + "\n")
    return References.open(folder)


def write_sounds(
    folder: Path, sounds: Mapping[str, tuple[str, NDArray[np.float64]]], rate: int = RATE
) -> References:
    """Recordings of sounds, each a file name with its label and samples."""
    folder.mkdir(exist_ok=True)
    rows = ["file,label,text,midi,sha256"]
    for name, (label, samples) in sounds.items():
        data = pcm16_wav_bytes(to_pcm16(samples), rate)
        (folder / name).write_bytes(data)
        rows.append(f"{name},{label},,,{hashlib.sha256(data).hexdigest()}")
    (folder / "clips.csv").write_text("\n".join(rows) + "\n")
    return References.open(folder)
