"""From an error to a credit."""

from __future__ import annotations


def credit(error: float, full: float, none: float) -> float:
    """1 up to an error of `full`, 0 from `none` on, a straight line between."""
    return min(1.0, max(0.0, (none - error) / (none - full)))
