"""Every metric by its name: what a number on the board means.

Plain data: importing it loads neither numpy nor code that measures, which is `probe.score.metrics`.
"""

from __future__ import annotations

from probe.errors import UsageError, unknown
from probe.records.metrics import families, notes, sounds, speech
from probe.records.metrics.families import FAMILIES, member
from probe.records.metrics.metric import Clip, Metric, Value

__all__ = ["METRICS", "OF_TRUTH", "Clip", "Metric", "Value", "about"]

OF_TRUTH: dict[str, tuple[Metric, ...]] = {
    "notes": notes.METRICS,
    "sounds": sounds.METRICS,
    "speech": speech.METRICS,
}
"""Metrics that fit one kind of truth alone."""

METRICS: dict[str, Metric] = {
    metric.name: metric for each in (*OF_TRUTH.values(), families.METRICS) for metric in each
}


def about(name: str) -> Metric:
    """Say what a metric is.

    Raises
    ------
    UsageError
        There is none of this name.
    """
    found = METRICS.get(name) or member(name)
    if found is None:
        families = [f"{family}/…" for family in FAMILIES]
        raise UsageError(unknown("metric", name, [*METRICS, *families]))
    return found
