"""Metrics of musical notes."""

from __future__ import annotations

from probe.metrics.base import Metric

PITCH_CAP_CENTS = 100.0
"""Cap of `pitch_cents`: a semitone off is another note, so further is no worse than missing."""
ONSET_CAP_MS = 200.0
"""Cap of `onset_ms`: an eighth note at 150 beats a minute; later than that it is another beat."""
DURATION_CAP = 1.0
"""Cap of `duration_error`: as far off as not sounding at all."""

METRICS = (
    Metric(
        *("note_f1", "1", "", True, 0.0, "clip"),
        "F1 of notes with onset within 50 ms and pitch within 50 cents (mir_eval)",
        module="notes",
    ),
    Metric(
        *("pitch_cents", "1", "cents", False, PITCH_CAP_CENTS, "clip"),
        "mean absolute pitch error over the notes asked for; a missing note counts 100",
        module="notes",
    ),
    Metric(
        *("onset_ms", "1", "ms", False, ONSET_CAP_MS, "clip"),
        "mean absolute onset error over the notes asked for; a missing note counts 200",
        module="notes",
    ),
    Metric(
        *("duration_error", "1", "", False, DURATION_CAP, "clip"),
        "mean relative error of the durations asked for; a missing note counts 1",
        module="notes",
    ),
)
