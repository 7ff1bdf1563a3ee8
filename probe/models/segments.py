"""Where the sounds of a recording lie, told by its level alone.

No metric has a part in it: a control that the judge's own detectors had chosen would prove nothing.
What was found in known recordings is kept in ``tiers/sounds/segments.jsonl`` by the file's SHA-256,
so that it can be read, drawn and questioned; any other recording is segmented when it is needed, by
the same code.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from probe.audio import read_recording
from probe.paths import data_folder
from probe.records.record import Record
from probe.records.references import Recording

RATE = 44_100
"""Rate in Hz at which recordings are looked at, whatever rate they are played at."""
RUMBLE_HZ = 100.0
"""What lies below is left out: wind and steps at the microphone outweigh a clock's ticks there."""
FRAME_S = 0.01
"""Length of the frames whose level is taken, and so the precision of all times."""
RANGE_DB = 60.0
"""What lies further below the loudest frame was not recorded: trimmed clips are padded with it."""
NOTHING_DB = -90.0
"""So is what lies below the last bit of 16."""
FLAT_DB = 15.0
"""A recording whose floor is no further below its loudest frame has no pauses."""
ON_DB = 25.0
"""A sound begins this close to the loudest frame, or halfway up from the floor."""
OFF_DB = 40.0
"""It ends this far below, or where it falls to a quarter: its decay is part of it."""
PAUSE_S = 0.15
"""Sounds that less than this lies between are one, as the syllables of a cock's crow."""
SMOOTH_S = 0.4
"""Over this the level of what goes on is averaged: blades, crackles and drops are not pauses."""
EVEN_DB = 18.0
"""What goes on stays this close to its loudest moment."""

Span = tuple[float, float]
"""Beginning and end in s."""


class Segments(Record):
    """The sounds of one recording; times in s, to a hundredth."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$", description="of the audio file")
    label: str = Field(description="what clips.csv calls it, for whoever reads the row")
    sounds: tuple[Span, ...] = Field(description="each one that begins and ends in the recording")
    steady: Span | None = Field(description="the longest stretch of an even level, if any")


@lru_cache(maxsize=4096)
def segments_of(recording: Recording) -> Segments:
    """What is kept of a recording or, where nothing is, what its level tells now.

    Raises
    ------
    UsageError
        The recording is not known and cannot be read.
    """
    return _kept().get(recording.sha256) or segment(recording)


def segment(recording: Recording) -> Segments:
    """Segment a recording.

    Raises
    ------
    UsageError
        It cannot be read.
    """
    level = levels(read_recording(recording.path, RATE), RATE)
    return Segments(
        sha256=recording.sha256,
        label=recording.label,
        sounds=tuple(map(_seconds, sounds(level))),
        steady=_seconds(found) if (found := steady(level)) else None,
    )


@lru_cache(maxsize=1)
def _kept() -> Mapping[str, Segments]:
    text = (data_folder("tiers") / "sounds" / "segments.jsonl").read_text(encoding="utf-8")
    rows = map(Segments.model_validate_json, text.splitlines())
    return {row.sha256: row for row in rows}


def _seconds(frames: tuple[int, int]) -> Span:
    return round(frames[0] * FRAME_S, 2), round(frames[1] * FRAME_S, 2)


def levels(samples: NDArray[np.float64], rate: int) -> NDArray[np.float64]:
    """RMS level of each whole frame of `samples`, shape (n,), in dB re full scale."""
    from scipy.signal import butter, sosfilt

    length = round(FRAME_S * rate)
    heard = sosfilt(butter(4, RUMBLE_HZ, "highpass", fs=rate, output="sos"), samples)
    frames = heard[: len(heard) // length * length].reshape(-1, length)
    return _decibels(np.mean(frames**2, axis=1))


def sounds(level: NDArray[np.float64]) -> list[tuple[int, int]]:
    """Separate sounds, by hysteresis between two levels that follow the recording's own range.

    Parameters
    ----------
    level : NDArray of float64, shape (n,)
        From `levels`.

    Returns
    -------
    list of (int, int)
        First frame and the one after the last of each sound that begins and ends within.
    """
    nothing = _nothing(level)
    if not (level > nothing).any():
        return []
    top, floor = level.max(), np.percentile(np.maximum(level, nothing), 10)
    on = off = nothing
    if top - floor > FLAT_DB:
        on = max(top - ON_DB, (top + floor) / 2)
        off = max(top - OFF_DB, floor + (top - floor) / 4)
    joined: list[tuple[int, int]] = []
    for start, end in _runs(level > off):
        begun = np.flatnonzero(level[start:end] > on)
        if not begun.size:
            continue
        first = start + int(begun[0])
        if joined and (first - joined[-1][1]) * FRAME_S < PAUSE_S:
            first = joined.pop()[0]
        joined.append((first, end))
    return [(first, end) for first, end in joined if first > 0 and end < len(level)]


def steady(level: NDArray[np.float64]) -> tuple[int, int] | None:
    """The longest stretch of an even level, or None where nothing sounds.

    Parameters
    ----------
    level : NDArray of float64, shape (n,)
        From `levels`.

    Returns
    -------
    (int, int) or None
        Its first frame and the one after its last.
    """
    window = np.ones(round(SMOOTH_S / FRAME_S))
    if len(level) < len(window):
        return None
    power = np.convolve(10 ** (level / 10), window, "same")
    smooth = _decibels(power / np.convolve(np.ones(len(level)), window, "same"))
    runs = _runs((smooth > smooth.max() - EVEN_DB) & (level > _nothing(level)))
    return max(runs, key=lambda run: run[1] - run[0], default=None)


def _nothing(level: NDArray[np.float64]) -> float:
    """The level below which nothing was recorded."""
    return max(NOTHING_DB, float(level.max(initial=NOTHING_DB)) - RANGE_DB)


def _runs(true: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """Beginnings and ends of what is true without a break."""
    edges = np.flatnonzero(np.diff(true, prepend=False, append=False))
    return [(int(a), int(b)) for a, b in pairwise(edges)][::2]


def _decibels(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(10 * np.log10(np.maximum(power, 1e-15)), np.float64)
