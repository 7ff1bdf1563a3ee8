"""What a folder of clips is said to contain: captions, as CSV or as JSON lines.

::

    file,caption                                   {"file": "rain.wav", "caption": "Rain on a roof"}
    rain.wav,Rain on a roof
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from probe.errors import UsageError


@dataclass(frozen=True)
class Captioned:
    """One clip and one thing that is said of it."""

    file: str
    """As it is written, relative to the folder of the clips."""
    caption: str


def read_captions(table: Path) -> list[Captioned]:
    """Read a table with the columns ``file`` and ``caption``; others are passed over.

    A file may be there several times, each time with another caption.

    Parameters
    ----------
    table : Path
        JSON lines where the name ends in ``.jsonl``, CSV in UTF-8 otherwise.

    Raises
    ------
    UsageError
        The table cannot be read or a row of it makes no sense; the message names file and line.
    """
    try:
        text = table.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UsageError(f"cannot read {table}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise UsageError(f"{table} is not UTF-8 text") from None
    rows = _json_rows(table, text) if table.suffix == ".jsonl" else _csv_rows(table, text)
    pairs: dict[Captioned, None] = {}
    for where, row in rows:
        pair = _pair(where, row)
        if pair in pairs:
            raise UsageError(f"{where}: {pair.file!r} is there twice with the same caption")
        pairs[pair] = None
    if not pairs:
        raise UsageError(f"{table} has no captions")
    return list(pairs)


def _json_rows(table: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{table} line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError):
            raise UsageError(f"{where} is not JSON") from None
        if not isinstance(row, dict):
            raise UsageError(f"{where} is not an object with file and caption")
        yield where, row


def _csv_rows(table: Path, text: str) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = csv.DictReader(text.splitlines(keepends=True), strict=True)
    try:
        for name in ("file", "caption"):
            if name not in (rows.fieldnames or ()):
                raise UsageError(f"{table} lacks the column {name!r}; its first line names columns")
        for row in rows:
            yield f"{table} line {rows.line_num}", row
    except csv.Error as error:
        raise UsageError(f"{table} line {rows.line_num} is not CSV: {error}") from None


def _pair(where: str, row: dict[str, Any]) -> Captioned:
    found = {}
    for name in ("file", "caption"):
        value = row.get(name)
        if not isinstance(value, str) or not value.strip():
            raise UsageError(f"{where} has no {name}")
        found[name] = value.strip() if name == "caption" else value
    path = PurePosixPath(found["file"])
    if path.is_absolute() or ".." in path.parts or "\0" in found["file"]:
        raise UsageError(f"{where}: {found['file']!r} is not a path inside the folder")
    return Captioned(**found)
