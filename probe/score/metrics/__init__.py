"""From a clip to its values; what each metric means is in `probe.records.metrics`."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module

from probe.records.metrics import Clip, Value, about


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


def credit(error: float, full: float, none: float) -> float:
    """1 up to an error of `full`, 0 from `none` on, a straight line between."""
    return min(1.0, max(0.0, (none - error) / (none - full)))
