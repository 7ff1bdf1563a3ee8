"""Metrics of a whole set of clips against a set of recordings."""

from __future__ import annotations

from probe.records.metrics.metric import Metric

METRICS = (
    Metric(
        *("fd/logmel", "1", "", False, None, "set"),
        "Fréchet distance of log-mel statistics to the references, bias removed",
        needs="references",
    ),
)
