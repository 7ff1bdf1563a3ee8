"""The names of run folders: each row of the board has one of its own."""

from __future__ import annotations

import hashlib
import re

_LONGEST = 150
"""Characters of a folder's name; file systems take 255 bytes."""


def slug(row: str) -> str:
    """Name of the folder of a row of the board, each row's its own.

    ``openai/gpt-4o`` becomes ``openai--gpt-4o``. What is not plain is written as its bytes in
    UTF-8, ``%`` and two digits each; a name that is too long ends in a digest instead.
    """
    name = _ESCAPED.sub(lambda found: _bytes(found[0]), row).replace("/", "--")
    return name if 0 < len(name) <= _LONGEST else marked(row)


_ESCAPED = re.compile(r"[^A-Za-z0-9._+@=,/-]|(?<=[-/])-|-(?=[-/])|^[./-]")
"""What of a name does not stand in a folder's as it is: ``--`` there is a slash here."""


def _bytes(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode("utf-8", "surrogatepass"))


def marked(row: str) -> str:
    """A folder's name that a digest tells apart from any other."""
    begin = re.sub(r"[^A-Za-z0-9]+", "-", row).strip("-")[:40]
    return f"{begin}~{hashlib.sha256(row.encode('utf-8', 'surrogatepass')).hexdigest()[:16]}"


def old_slug(row: str) -> str:
    """What `slug` was once, when several rows could have one folder."""
    safe = "".join(c if c.isascii() and (c.isalnum() or c in "._-/") else "-" for c in row)
    return safe.replace("/", "--").lstrip(".-") or "model"
