"""Every metric by its name. Plain data: importing it loads neither numpy nor code that measures."""

from __future__ import annotations

from probe.records.metrics import notes, sets, sounds, speech
from probe.records.metrics.metric import Metric

METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (*notes.METRICS, *sounds.METRICS, *speech.METRICS, *sets.METRICS)
}
