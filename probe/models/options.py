"""Options of a door's own, given as ``--set key=value`` and checked before anything is asked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from probe.errors import UsageError, unknown

Reader = Callable[[str], Any]
"""Reads one value; raises ValueError that says what it should be."""


def read_options(given: Iterable[str], known: Mapping[str, Reader], door: str) -> dict[str, Any]:
    """Read what was given, in an order of its own.

    Parameters
    ----------
    given : iterable of str
        Each ``key=value``.
    known : mapping of str to Reader
        The options that the door takes.
    door : str
        What the door is called, for messages.

    Returns
    -------
    dict
        Value by key, sorted by key.

    Raises
    ------
    UsageError
        An option is unknown, malformed or given twice.
    """
    options: dict[str, Any] = {}
    for item in given:
        key, equals, value = item.partition("=")
        if not equals:
            raise UsageError(f"--set {item}: an option is written key=value")
        if key not in known:
            raise UsageError(unknown(f"option of {door}", key, known))
        if key in options:
            raise UsageError(f"--set {key} is given twice")
        try:
            options[key] = known[key](value)
        except ValueError as error:
            raise UsageError(f"--set {item}: {error}") from None
    return dict(sorted(options.items()))


def number(low: float, high: float = math.inf) -> Reader:
    """A number from `low` to `high`, both included."""

    def read(value: str) -> float:
        try:
            found = float(value)
        except ValueError:
            found = math.nan
        if not (low <= found <= high) or math.isinf(found):
            raise ValueError(f"must be a number {_range(low, high)}")
        return found

    return read


def whole(low: int, high: float = math.inf) -> Reader:
    """A whole number from `low` to `high`, both included."""

    def read(value: str) -> int:
        digits = value.removeprefix("-")
        # int() takes more than ten thousand digits, and then refuses in words of its own.
        if not (digits.isascii() and digits.isdigit() and len(digits) < 20) or not (
            low <= int(value) <= high
        ):
            raise ValueError(f"must be a whole number {_range(low, high)}")
        return int(value)

    return read


def choice(*names: str) -> Reader:
    """One of several words."""

    def read(value: str) -> str:
        if value not in names:
            raise ValueError(unknown("choice", value, names))
        return value

    return read


def text(value: str) -> str:
    """Any text, or the contents of a file that is named ``@file``."""
    if value.startswith("@"):
        try:
            value = Path(value[1:]).read_text(encoding="utf-8")
        except OSError as error:
            raise ValueError(f"the file cannot be read: {error.strerror}") from None
        except UnicodeDecodeError:
            raise ValueError("the file is not UTF-8 text") from None
    if not value.strip():
        raise ValueError("the text is empty")
    return value


def _range(low: float, high: float) -> str:
    return f"of at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
