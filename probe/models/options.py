"""Options of a door's own, given as ``--set key=value`` and checked before anything is asked."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from probe.errors import UsageError, unknown

Reader = Callable[[str], Any]
"""Reads one value; raises ValueError that says what it should be."""

EXTRA = "extra.FIELD"
"""Among the options of a door that sends fields it knows nothing of: ``extra.top_k=40``."""

_EXTRA_BEGINS = "extra."


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
        name = EXTRA if key.startswith(_EXTRA_BEGINS) and EXTRA in known else key
        if name not in known:
            raise UsageError(unknown(f"option of {door}", key, known))
        if key in options:
            raise UsageError(f"--set {key} is given twice")
        try:
            options[key] = known[name](value)
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


def json_value(value: str) -> Any:
    """JSON where it is some, otherwise the text itself: ``40``, ``[1, 2]``, ``true``, ``fast``."""
    try:
        found = json.loads(value, parse_constant=_no_number)
    except RecursionError:
        raise ValueError("nested too deeply") from None
    except ValueError:
        found = value
    json.dumps(found, ensure_ascii=False).encode()  # a lone surrogate is no text
    return found


def extra_body(options: Mapping[str, Any], reserved: Iterable[str]) -> dict[str, Any]:
    """The fields that ``extra.…`` options stand for, with a table for each further dot.

    Parameters
    ----------
    options : mapping
        Of a door, as `read_options` gives them.
    reserved : iterable of str
        Fields that are the door's own to set.

    Returns
    -------
    dict
        To be added to the body of a request.

    Raises
    ------
    UsageError
        A field is the door's own, has no name, or is a value and a table at once.
    """
    body: dict[str, Any] = {}
    for key, value in options.items():
        if not key.startswith(_EXTRA_BEGINS):
            continue
        *parents, name = key.removeprefix(_EXTRA_BEGINS).split(".")
        if not all((*parents, name)):
            raise UsageError(f"--set {key}: a field has a name, as extra.top_k")
        if (first := [*parents, name][0]) in reserved:
            raise UsageError(f"--set {key}: {first} is set by probe, or by an option of that name")
        table = body
        for parent in parents:
            table = table.setdefault(parent, {})
            if not isinstance(table, dict):
                break
        if not isinstance(table, dict) or name in table:
            raise UsageError(f"--set {key}: given as a value and as a table")
        table[name] = value
    return body


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _range(low: float, high: float) -> str:
    return f"of at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
