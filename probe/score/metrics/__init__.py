"""From a metric's name to what it means, and to its value."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from probe.errors import UsageError, unknown
from probe.records.metrics import METRICS
from probe.records.metrics.families import FAMILIES, member
from probe.records.metrics.metric import Clip, Metric, Value

__all__ = ["METRICS", "Clip", "Metric", "Value", "about", "score_clip"]


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


def score_clip(names: Sequence[str], clip: Clip) -> dict[str, Value]:
    """Measure one clip.

    Parameters
    ----------
    names : sequence of str
        Metrics of scope ``clip`` that apply to the clip's prompt.
    clip : Clip
        The audio and what was asked for.

    Returns
    -------
    dict of str to Value
        One finite value per metric, in the order of `names`.

    Raises
    ------
    UsageError
        There is no metric of some name.
    """
    found: dict[str, Value] = {}
    for module in dict.fromkeys(about(name).module for name in names):
        ours = [name for name in names if about(name).module == module]
        found |= import_module(f"probe.score.metrics.{module}").measure(ours, clip)
    return {name: found[name] for name in names}
