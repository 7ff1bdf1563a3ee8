"""What the parts of the notes grammar share: choices, a draft of a prompt, words for times."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from probe.records.truths.notes import LevelLine, Loudness, NoteEvent, Partial, Spectrum
from probe.tier.description import pitch_words

T = TypeVar("T")

TAIL_S = 0.5
"""Silence that ends every generated clip."""


class Draw:
    """Choices that follow from a few integers, on every machine and in every version of Python.

    Python promises that ``random.Random(int).random()`` never changes; of its other methods it does
    not, so only that one is used.

    Parameters
    ----------
    *of : int
        Whatever differs here draws differently.
    """

    def __init__(self, *of: int) -> None:
        digest = hashlib.sha256("/".join(map(str, of)).encode()).digest()
        self._random = random.Random(int.from_bytes(digest, "big"))

    def below(self, end: int) -> int:
        """An integer from 0 up to, not including, `end`."""
        return int(self._random.random() * end)

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`, each as likely."""
        return options[self.below(len(options))]

    def several(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different ones of `options`, in their order."""
        left = list(range(len(options)))
        chosen = [left.pop(self.below(len(left))) for _ in range(count)]
        return [options[i] for i in sorted(chosen)]


@dataclass(frozen=True)
class Draft:
    """A prompt without its place."""

    text: str
    end_s: float
    """When the last sound ends."""
    truth: dict[str, Any] = field(default_factory=dict)
    """Fields of `probe.records.truths.NotesTruth`."""


def names(pitches: Sequence[int]) -> str:
    """C4 E4 G4."""
    return " ".join(map(pitch_words, pitches))


def midi_of(hertz: float) -> float:
    """MIDI pitch of a frequency, to a ten-thousandth of a cent, so that machines agree."""
    return round(69 + 12 * math.log2(hertz / 440), 6)


def note(midi: float, start_s: float, end_s: float) -> NoteEvent:
    """A note, its times to the microsecond."""
    return NoteEvent(midi=midi, onset_s=round(start_s, 6), offset_s=round(end_s, 6))


def decibel(amplitude: float) -> float:
    """Level of an amplitude, at least -60 dB, to a thousandth."""
    return round(max(20 * math.log10(max(amplitude, 1e-9)), -60.0), 3)


def seconds(value: float) -> str:
    """``0.25 seconds``, ``1 second``."""
    return f"{value:g} second{'' if value == 1 else 's'}"


def beginning(draw: Draw) -> tuple[float, str]:
    """When the first sound begins, and how to say it."""
    start = draw.choice((0.0, 0.0, 0.25, 0.5))
    return start, f"after {seconds(start)} of silence" if start else "immediately"


def spectrum(start_s: float, end_s: float, levels: Sequence[tuple[float, float]]) -> Spectrum:
    """Partials as (hertz, amplitude), in dB of the strongest."""
    top = max(amplitude for _, amplitude in levels)
    partials = [Partial(hertz=round(hz, 4), db=decibel(a / top)) for hz, a in levels]
    return Spectrum(start_s=round(start_s, 6), end_s=round(end_s, 6), partials=tuple(partials))


def ramp(start_s: float, end_s: float, start_db: float, end_db: float) -> LevelLine:
    """A straight line of dB."""
    return LevelLine(
        start_s=round(start_s, 6), end_s=round(end_s, 6), start_db=start_db, end_db=end_db
    )


def relative(*lines: LevelLine) -> Loudness:
    """Lines whose differences alone count."""
    return Loudness(absolute=False, lines=lines)
