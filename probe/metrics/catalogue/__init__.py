"""Every metric by its name. Plain data: importing it loads neither numpy nor code that measures."""

from __future__ import annotations

from probe.metrics.base import Metric
from probe.metrics.catalogue import notes, sets, sounds, speech

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (*notes.METRICS, *sounds.METRICS, *speech.METRICS, *sets.METRICS)
}
