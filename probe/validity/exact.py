"""The exact truth made audible, where a truth is a score and nothing more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from probe.records import NotesTruth, Prompt

PARTIALS = 5
ATTACK_S, RELEASE_S = 0.004, 0.01
PEAK = 0.5


def is_plain(prompt: Prompt) -> bool:
    """Whether the truth is notes and nothing more: no contour, loudness, spectrum or the like."""
    truth = prompt.truth
    plain = {"kind", "notes", "instrument", "exact"}
    return (
        isinstance(truth, NotesTruth)
        and bool(truth.notes)
        and not set(truth.model_dump(exclude_defaults=True)) - plain
    )


def exact_audio(prompt: Prompt, rate: int) -> NDArray[np.float64]:
    """Every note as a plain tone of five harmonics, at its pitch, time, length and velocity.

    Parameters
    ----------
    prompt : Prompt
        What is asked; its truth `is_plain`.
    rate : int
        In Hz.

    Returns
    -------
    ndarray of float64, shape (n,)
    """
    truth = prompt.truth
    assert isinstance(truth, NotesTruth)
    clip = np.zeros(round(prompt.duration_s * rate))
    for note in truth.notes:
        begin, end = (round(t * rate) for t in (note.onset_s, note.offset_s))
        time_s = np.arange(min(end, len(clip)) - begin) / rate
        hertz = 440 * 2 ** ((note.midi - 69) / 12)
        orders = [k for k in range(1, PARTIALS + 1) if k * hertz < 0.45 * rate]
        tone = sum(
            (np.sin(2 * np.pi * k * hertz * time_s) / k for k in orders), np.zeros(len(time_s))
        )
        left = len(time_s) / rate - time_s
        tone *= np.minimum(1, np.minimum(time_s / ATTACK_S, left / RELEASE_S))
        clip[begin : begin + len(tone)] += tone * note.velocity / 127
    peak = np.abs(clip).max()
    return clip * (PEAK / peak) if peak else clip
