"""Metrics of speech."""

from __future__ import annotations

from probe.metrics.base import Metric

METRICS: tuple[Metric, ...] = ()
