"""What every Markdown file of probe's is made of: tables, and the words within their cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from probe.records.metrics import Metric
from probe.text import printable

if TYPE_CHECKING:
    from probe.board.entries import Estimate
    from probe.score.metrics.sets.distance import SetValue
    from probe.stats import Interval

ARROWS = {"higher": "↑", "lower": "↓"}
"""Which end is good."""

_IN_CODE = str.maketrans({"`": "'", "|": "¦", "\n": " ", "\t": " "})
_IN_TEXT = str.maketrans({"|": "¦", "<": "‹"})


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are Markdown already, with an empty line after it."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines) + "\n"


def code(text: str) -> str:
    """A model's name is anybody's text: it must stay inside its cell, and its quotes."""
    return "`" + printable(text).translate(_IN_CODE) + "`"


def inline(text: str) -> str:
    """Text from elsewhere on one line: it starts no tag, and no cell."""
    return " ".join(printable(text).translate(_IN_TEXT).split())


def label(metric: Metric, *, quoted: bool = False) -> str:
    """A metric with its unit and the end that is good: ``pitch_cents (cents) ↓``."""
    name = f"`{metric.name}`" if quoted else metric.name
    unit = f" ({metric.unit})" if metric.unit else ""
    return f"{name}{unit} {ARROWS['higher' if metric.higher_is_better else 'lower']}"


def number(value: float, *, signed: bool = False) -> str:
    """Three decimals, or one from 10 on; no minus before a zero."""
    digits = 3 if abs(value) < 10 else 1
    return f"{round(value, digits) + 0.0:{'+' if signed else ''}.{digits}f}"


def interval(value: float, low: float, high: float, *, signed: bool = False) -> str:
    """``0.500 [0.400, 0.600]``."""
    first, *ends = (number(each, signed=signed) for each in (value, low, high))
    return f"{first} [{', '.join(ends)}]"


def estimate(found: Estimate | Interval | SetValue | float | None, *, signed: bool = False) -> str:
    """A value with its interval where it has one; a dash where there is none."""
    if found is None:
        return "–"
    if isinstance(found, float):
        return number(found, signed=signed)
    return interval(found.value, found.low, found.high, signed=signed)
