"""How well a clip plays the notes it was asked for.

Everything here comes from one blind transcription (`transcription`, beside this), which
never sees the truth. `note_f1` is the transcription measure of MIREX as mir_eval computes it [1]_.
`pitch_cents`, `onset_ms` and `duration_error` describe one aspect each and pair notes by the
*other* aspects, so that a clip late but in tune is told from one that is on time but out of tune.
Every note asked for counts in them: one without a partner takes the metric's cap, which is also the
value of a clip that failed.

.. [1] C. Raffel et al., "mir_eval: a transparent implementation of common MIR metrics", ISMIR 2014.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from probe.records.metrics import Value
from probe.records.metrics.notes import DURATION_CAP, ONSET_CAP_MS, PITCH_CAP_CENTS
from probe.records.truths import NoteEvent

ONSET_TOLERANCE_S = 0.05
"""Onset tolerance of `note_f1`: MIREX's and mir_eval's default."""
PITCH_TOLERANCE_CENTS = 50.0
"""Pitch tolerance of `note_f1`: MIREX's and mir_eval's default."""
FINE_TOLERANCE_CENTS = 10.0
"""Pitch tolerance of `note_f1/10c`: tells a just third, 14 cents off, from a tempered one."""

Array = NDArray[np.float64]


def compare_notes(truth: Sequence[NoteEvent], heard: Sequence[NoteEvent]) -> dict[str, Value]:
    """Compare two lists of notes.

    Parameters
    ----------
    truth, heard : sequence of NoteEvent
        What was asked for (at least one note) and what sounds.

    Returns
    -------
    dict of str to Value
        ``note_f1``
            Harmonic mean of the shares of heard notes that were asked for and of notes asked for
            that were heard: onset within 50 ms, pitch within 50 cents, offsets ignored, each note
            used once. In [0, 1]; extras carry precision, recall and the number of notes heard.
        ``note_f1/10c``
            The same with pitch within 10 cents.
        ``pitch_cents``
            Mean over `truth` of the pitch distance to its partner, in cents. Partners begin within
            200 ms of each other; pairs are chosen to make the sum least; at most 100 a note.
        ``onset_ms``
            Mean over `truth` of the distance of the onsets, in ms. Partners are within 50 cents;
            pairs are chosen to make the sum least; at most 200 a note.
        ``duration_error``
            Mean over `truth` of ``|heard - asked| / asked`` of the durations, over the pairs of
            ``onset_ms``; at most 1 a note.

    Raises
    ------
    ValueError
        `truth` is empty.
    """
    if not truth:
        raise ValueError("truth has no notes")
    cents = 100 * np.abs(_column(truth, "midi")[:, None] - _column(heard, "midi"))
    late = 1000 * np.abs(_column(truth, "onset_s")[:, None] - _column(heard, "onset_s"))
    pitch = np.where(late < ONSET_CAP_MS, np.minimum(cents, PITCH_CAP_CENTS), PITCH_CAP_CENTS)
    onset = np.where(cents <= PITCH_TOLERANCE_CENTS, np.minimum(late, ONSET_CAP_MS), ONSET_CAP_MS)
    partners = _pairs(onset, ONSET_CAP_MS)
    asked = _column(truth, "offset_s") - _column(truth, "onset_s")
    lasted = _column(heard, "offset_s") - _column(heard, "onset_s")
    wrong = np.full(len(truth), DURATION_CAP)
    for i, j in partners:
        wrong[i] = min(DURATION_CAP, abs(lasted[j] - asked[i]) / asked[i])
    return {
        "note_f1": _f1(truth, heard, PITCH_TOLERANCE_CENTS),
        "note_f1/10c": _f1(truth, heard, FINE_TOLERANCE_CENTS),
        "pitch_cents": _mean(pitch, PITCH_CAP_CENTS),
        "onset_ms": _mean(onset, ONSET_CAP_MS),
        "duration_error": Value(float(wrong.mean()), {"n_matched": len(partners)}),
    }


def matched(
    truth: Sequence[NoteEvent], heard: Sequence[NoteEvent]
) -> list[tuple[NoteEvent, NoteEvent]]:
    """The pairs that `note_f1` counts, as (asked for, heard)."""
    if not truth or not heard:
        return []
    from mir_eval.transcription import match_notes

    pairs = match_notes(
        *_intervals_and_hertz(truth),
        *_intervals_and_hertz(heard),
        onset_tolerance=ONSET_TOLERANCE_S,
        pitch_tolerance=PITCH_TOLERANCE_CENTS,
        offset_ratio=None,
    )
    return [(truth[i], heard[j]) for i, j in pairs]


def _column(notes: Sequence[NoteEvent], name: str) -> Array:
    return np.array([getattr(note, name) for note in notes], np.float64)


def _pairs(cost: Array, cap: float) -> list[tuple[int, int]]:
    """Pairs of (truth, heard) with the least sum of costs, without those at the cap."""
    from scipy.optimize import linear_sum_assignment

    return [(i, j) for i, j in zip(*linear_sum_assignment(cost), strict=True) if cost[i, j] < cap]


def _mean(cost: Array, cap: float) -> Value:
    """Mean cost over the truth, where a note without a partner takes the cap."""
    pairs = _pairs(cost, cap)
    total = sum(cost[i, j] for i, j in pairs) + cap * (len(cost) - len(pairs))
    return Value(float(total / len(cost)), {"n_matched": len(pairs)})


def _f1(truth: Sequence[NoteEvent], heard: Sequence[NoteEvent], cents: float) -> Value:
    """mir_eval's onset and pitch F1, pitch within `cents`."""
    if not heard:
        return Value(0.0, {"precision": 0.0, "recall": 0.0, "n_estimated": 0})
    from mir_eval.transcription import precision_recall_f1_overlap

    precision, recall, f1, _ = precision_recall_f1_overlap(
        *_intervals_and_hertz(truth),
        *_intervals_and_hertz(heard),
        onset_tolerance=ONSET_TOLERANCE_S,
        pitch_tolerance=cents,
        offset_ratio=None,
    )
    extras = {"precision": float(precision), "recall": float(recall), "n_estimated": len(heard)}
    return Value(float(f1), extras)


def _intervals_and_hertz(notes: Sequence[NoteEvent]) -> tuple[Array, Array]:
    intervals = np.array([(note.onset_s, note.offset_s) for note in notes])
    return intervals, 440 * 2 ** ((_column(notes, "midi") - 69) / 12)
