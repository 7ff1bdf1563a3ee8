"""What each metric ought to do: which damages it must mind, and how still it must hold.

A metric that is not listed is measured and shown all the same, with no claim about damages.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from probe.records.metrics import Metric
from probe.records.record import Record

SLACK = 0.03
"""Share of a metric's range by which a mean may rise under a graver damage and still count as
falling: the mean of two dozen prompts moves by that much when a single note is found or lost."""

LEAST_FALL = 0.1
"""Share of its range that the gravest grade must cost a metric that minds a damage."""

TOLERANCE = 0.05
"""Share of its range by which a score may move with another level, rate or format of the file."""

ONE_SOUND = 1 / 3
"""Share of the way from noise or silence to the programs that one sound for all prompts may go."""

SATURATED = 0.95
"""A level is saturated where the lower end of the 95 % interval of the mean reaches this share."""


@dataclass(frozen=True)
class Expectation:
    """What one metric ought to do."""

    harmed_by: tuple[str, ...] = ()
    """Names of `DAMAGES` under which its mean must fall."""
    best: float | None = None
    """Value of a perfect clip; None: 1 where higher is better, else 0."""
    tolerance: float = TOLERANCE
    """Share of the range, where `TOLERANCE` is too strict for what it measures."""
    top: Literal["real", "exact"] = "real"
    """What must not lose to the programs: recordings, or the exact truth where recordings may be
    off, as instruments and players are."""
    unordered: tuple[tuple[str, str], ...] = ()
    """Rungs of which it need not prefer the first, since it hears one side of a sound alone."""

    def best_of(self, metric: Metric) -> float:
        """Value of a perfect clip."""
        return float(metric.higher_is_better) if self.best is None else self.best

    def range_of(self, metric: Metric) -> float:
        """From a failed clip to a perfect one; always positive."""
        assert metric.floor is not None, f"{metric.name} has no floor"
        return abs(self.best_of(metric) - metric.floor) or 1.0


_TIMES = ("time shift", "dropped events", "shuffled order")
_NOTES = ("pitch shift", *_TIMES, "added noise")
_PITCHES = ("pitch shift", "dropped events", "shuffled order", "added noise")
_BLURS = ("low-pass", "added noise")
_OF_LOUDNESS = (("other", "noise"), ("other", "silence"))


def _exact(*harmed_by: str, unordered: tuple[tuple[str, str], ...] = ()) -> Expectation:
    return Expectation(harmed_by, top="exact", unordered=unordered)


EXPECTATIONS: dict[str, Expectation] = {
    # notes
    "note_score": _exact(*_NOTES),
    "note_f1": _exact(*_NOTES),
    "note_f1/10c": _exact(*_NOTES),
    "pitch_cents": _exact(*_PITCHES),
    "onset_ms": _exact(*_TIMES),
    "duration_error": _exact("dropped events", "shuffled order"),
    "contour_rpa": _exact("pitch shift", "dropped events", "shuffled order"),
    "contour_rca": _exact("pitch shift", "dropped events", "shuffled order"),
    # Pieces that change places swing as fast and as far as before.
    "vibrato_rate": _exact("dropped events"),
    "vibrato_depth": _exact("dropped events"),
    # A curve of differences, and mostly noise has the flattest. Of little sound little is wrong,
    # so dropping is not graver the more is dropped.
    "loudness_db": _exact("shuffled order", "added noise", unordered=_OF_LOUDNESS),
    "hits_f1": _exact(*_TIMES),
    "partials_db": _exact("pitch shift", *_BLURS),
    "timbre_distance": Expectation(_BLURS),
    # sounds
    "event_score": Expectation(("dropped events", "shuffled order", *_BLURS)),
    "likeness": Expectation(_BLURS),
    "event_presence": Expectation(_BLURS),
    "order_accuracy": Expectation(("shuffled order",)),
    "event_f1_50ms": Expectation((*_TIMES, "added noise")),
    "event_f1_300ms": Expectation(("dropped events", "added noise")),
    "event_ap_50ms": Expectation((*_TIMES, "added noise")),
    "event_ap_300ms": Expectation(("dropped events", "added noise")),
    "event_ms": Expectation((*_TIMES, "added noise")),
    "count_error": Expectation(("dropped events", "shuffled order")),
    "activity": Expectation(("time shift", "dropped events", "added noise")),
    "doppler_cents": Expectation(("pitch shift", "shuffled order")),
    "passing_db": Expectation(("shuffled order",), unordered=_OF_LOUDNESS),
    "decay_octaves": Expectation(("added noise",)),
    "recognition/mel-rf": Expectation(_BLURS),
    "recognition/mel-rf-top3": Expectation(_BLURS),
    "spectral_distance": Expectation(_BLURS),
    "envelope_distance": Expectation(("added noise",)),
    # speech
    "speech_match": Expectation(("dropped events", "shuffled order", *_BLURS)),
    "said_choice": Expectation(("dropped events", "shuffled order", *_BLURS)),
    "vowel_recognition": Expectation(("dropped events", *_BLURS)),
    "formant_error": Expectation(("dropped events", *_BLURS)),
    "f0_correlation": Expectation(("dropped events", "shuffled order")),
    "rate_error": Expectation(("added noise",)),
    "voiced_speech": Expectation(("added noise",), unordered=(("program", "other"),)),
    "wer/pocketsphinx": Expectation(),
    "cer/pocketsphinx": Expectation(),
}
"""By the metric's name."""


def expectation(name: str) -> Expectation:
    """What a metric ought to do; nothing in particular where nobody has said."""
    return EXPECTATIONS.get(name, Expectation())


def states_level(truth: Record) -> bool:
    """Whether a truth says how loud the clip is in absolute terms: a gain then makes it wrong."""
    return bool(getattr(getattr(truth, "loudness", None), "absolute", False))
