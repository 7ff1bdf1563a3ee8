"""The errors probe raises on purpose, each with the exit code the command line gives it.

::

    ProbeError                  1  a run that could not be finished
    ├── UsageError              2  what was asked for does not make sense
    ├── PrerequisiteError       3  something must be installed, started, set or made room for first
    └── OtherSourceError        4  a run came out again by score alone, as what made it is not here

`EXIT_CODES` are all that a command can end with. An OSError of a path becomes a PrerequisiteError
by `of_path`, at the latest in the command line's ``main``; whatever else comes that far is a bug.
"""

from __future__ import annotations

import difflib
import errno
from collections.abc import Iterable

BUG = 70
"""Exit code of a bug, as sysexits.h has it: 1 would tell a script to run the command again."""

INTERRUPTED = 130
"""Exit code after Ctrl-C, as a shell has it."""

EXIT_CODES = {
    0: "done",
    1: "incomplete, or not so: attempts are missing (the same command fills them), a check failed",
    2: "wrong use: an option, a name or a file does not make sense; the line says which",
    3: "something is in the way on this machine: a key, the engine, a package, a folder, the disk",
    4: "`verify`: it came out again by score alone, as what made it is not here (`--anyway`: 0)",
    5: "`ci`: a metric dropped significantly, or by too much where no test can tell",
    6: "`ci`: a prompt fails that did not, or was not asked",
    BUG: "a bug in probe; the line names the file that has the details",
    INTERRUPTED: "interrupted by Ctrl-C; the same command goes on from there",
}
"""Everything a command ends with, and what it means."""

WAY_ON = {
    errno.ENOENT: "make the folder it is to lie in, or name another",
    errno.EEXIST: "a file stands where a folder is needed; name another place",
    errno.ENOTDIR: "a part of that path is a file; name another place",
    errno.EISDIR: "a folder stands where a file is needed; name another place",
    errno.ENAMETOOLONG: "give a shorter name",
    errno.EACCES: "change its permissions, or name another place",
    errno.EPERM: "change its permissions, or name another place",
    errno.EROFS: "name a place that can be written to",
    errno.ENOSPC: "make room; the same command goes on from here",
    errno.EDQUOT: "make room; the same command goes on from here",
    errno.EFBIG: "this system lets no file grow so large; raise the limit, or name another place",
}
"""What a person can do about an OSError of a path, by its number."""


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


def of_path(error: OSError) -> PrerequisiteError:
    """The one line for an OSError: its path, what the system says, and the way on.

    Parameters
    ----------
    error : OSError
        Of something the person named, or that lies below; `probe.paths.writing` sees to it that
        it knows its path.
    """
    words = [str(error.filename)] if error.filename is not None else []
    words.append(error.strerror or str(error) or type(error).__name__)
    way_on = WAY_ON.get(error.errno or 0)
    return PrerequisiteError(": ".join(words) + (f"; {way_on}" if way_on else ""))


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
