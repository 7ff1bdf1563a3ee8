"""Text that was written by programs nobody trusts."""

from __future__ import annotations

_KEPT = frozenset("\n\t")


def printable(text: str) -> str:
    r"""Escape everything in `text` that a terminal or a log line could act on.

    Control characters (and with them every ANSI and OSC sequence), bidirectional and other format
    controls, line separators, unassigned characters and lone surrogates become Python escapes such
    as ``\x1b`` or ``\u202e``. Newline and tab stay. The result always encodes to UTF-8, and passing
    it through again changes nothing.

    Parameters
    ----------
    text : str
        Any text at all.

    Returns
    -------
    str
        The same text, safe to print.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        character
        if character in _KEPT or character.isprintable()
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def decoded(data: bytes) -> str:
    r"""Decode bytes a program printed and make them `printable`; invalid UTF-8 becomes ``\xff``."""
    return printable(data.decode("utf-8", "backslashreplace"))
