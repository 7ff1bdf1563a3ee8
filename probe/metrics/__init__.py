"""One table of everything that is measured, and the way from a metric's name to its value.

The table is plain data: importing it loads neither numpy nor the code that measures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from probe.errors import UsageError, unknown
from probe.records import Prompt

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PITCH_CAP_CENTS = 100.0
"""Cap of `pitch_cents`: a semitone off is another note, so further is no worse than missing."""
ONSET_CAP_MS = 200.0
"""Cap of `onset_ms`: an eighth note at 150 beats a minute; later than that it is another beat."""
DURATION_CAP = 1.0
"""Cap of `duration_error`: as far off as not sounding at all."""


@dataclass(frozen=True)
class Metric:
    """What a number on the board means."""

    name: str
    version: str
    """Changes whenever the same audio could get another value."""
    unit: str
    """As printed, empty for a ratio."""
    higher_is_better: bool
    floor: float | None
    """Value of a clip that failed; None for a set metric, where silence stands in for the clip."""
    scope: Literal["clip", "set"]
    description: str


@dataclass(frozen=True)
class Value:
    """One measured value, and what else is worth keeping about it."""

    value: float
    extras: Mapping[str, Any] = field(default_factory=dict)


METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        Metric(
            *("note_f1", "1", "", True, 0.0, "clip"),
            "F1 of notes with onset within 50 ms and pitch within 50 cents (mir_eval)",
        ),
        Metric(
            *("pitch_cents", "1", "cents", False, PITCH_CAP_CENTS, "clip"),
            "mean absolute pitch error over the notes asked for; a missing note counts 100",
        ),
        Metric(
            *("onset_ms", "1", "ms", False, ONSET_CAP_MS, "clip"),
            "mean absolute onset error over the notes asked for; a missing note counts 200",
        ),
        Metric(
            *("duration_error", "1", "", False, DURATION_CAP, "clip"),
            "mean relative error of the durations asked for; a missing note counts 1",
        ),
        Metric(
            *("fd/logmel", "1", "", False, None, "set"),
            "Fréchet distance of log-mel statistics to the references, bias removed",
        ),
    )
}

_NOTES = ("note_f1", "pitch_cents", "onset_ms", "duration_error")


def score_clip(
    names: Sequence[str], prompt: Prompt, samples: NDArray[np.float64], sample_rate: int
) -> dict[str, Value]:
    """Measure one clip.

    Parameters
    ----------
    names : sequence of str
        Metrics of scope ``clip``; set metrics among them are passed over.
    prompt : Prompt
        What was asked for, with its truth.
    samples : ndarray of float64, shape (n,)
        Mono audio within [-1, 1].
    sample_rate : int
        In Hz.

    Returns
    -------
    dict of str to Value
        One finite value per metric of scope ``clip``, in the order of `names`.

    Raises
    ------
    UsageError
        A name that is not in `METRICS`.
    """
    for name in names:
        if name not in METRICS:
            raise UsageError(unknown("metric", name, METRICS))
    wanted = [name for name in names if name in _NOTES]
    if not wanted:
        return {}
    from probe.metrics.notes import score_notes

    scores = score_notes(prompt.truth.notes, samples, sample_rate)
    return {name: scores[name] for name in wanted}
