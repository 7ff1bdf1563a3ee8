"""The errors probe raises on purpose, each with the exit code the command line gives it.

::

    ProbeError                  1  a run that could not be finished
    ├── UsageError              2  what was asked for does not make sense
    ├── PrerequisiteError       3  something must be installed, started or set first
    └── OtherSourceError        4  a run came out again by score alone, as what made it is not here
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class ProbeError(Exception):
    """Anything probe says in one line, without a traceback."""

    exit_code = 1


class UsageError(ProbeError):
    """A name, option or file that does not make sense; the message says which and why."""

    exit_code = 2


class PrerequisiteError(ProbeError):
    """Something outside probe is missing; the message says what and how to get it."""

    exit_code = 3


class OtherSourceError(ProbeError):
    """A run came out again by its scores alone: its image or engine are not here."""

    exit_code = 4


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Say that `name` is not among `known`, with the closest match when there is one.

    Parameters
    ----------
    what : str
        What kind of thing was named, such as ``"tier"``.
    name : str
        The name that was given.
    known : iterable of str
        The names that exist.

    Returns
    -------
    str
        One line for an error message.
    """
    names = sorted(known)
    close = near(name, names)
    hint = f"did you mean {close!r}?" if close else f"known: {', '.join(names) or 'none'}"
    return f"unknown {what} {name!r}; {hint}"


def near(name: str, known: Iterable[str], cutoff: float = 0.5) -> str | None:
    """The name among `known` that was meant, or None where none is like it.

    Of names with parts, as in ``openai/gpt-4o``, the last part may stand alone.
    """
    whole = {each.lower(): each for each in known}
    ends = {each.rpartition("/")[2]: each for each in reversed(whole.values())}
    ends = {end.lower(): each for end, each in ends.items()}
    for names in (whole, ends):
        if name.lower() in names:
            return names[name.lower()]
    for names in (whole, ends):
        if close := difflib.get_close_matches(name.lower(), names, n=1, cutoff=cutoff):
            return names[close[0]]
    return None
