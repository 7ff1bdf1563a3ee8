"""One append-only file of records; `probe.records.store` says which, and who may write them."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

from pydantic import ValidationError

from probe.errors import ProbeError
from probe.records.record import Record

K = TypeVar("K")
R = TypeVar("R", bound=Record)


class Log(Generic[K, R]):
    """One append-only file of records, of which the last row of each key counts.

    Parameters
    ----------
    path : Path
        The file; it need not exist.
    kind : type
        The record a line holds.
    key : callable
        What a row is about.
    repair : bool
        Cut a torn last line off. Only the writer may; a reader just passes it over.
    """

    def __init__(self, path: Path, kind: type[R], key: Callable[[R], K], *, repair: bool) -> None:
        self.path = path
        self.kind = kind
        self.key = key
        self.latest: dict[K, R] = {}
        whole = self._read()
        if repair and path.exists() and whole < path.stat().st_size:
            os.truncate(path, whole)

    def _read(self) -> int:
        """Read the rows; returns the number of bytes that whole rows take."""
        data = self.path.read_bytes() if self.path.exists() else b""
        whole = 0
        while whole < len(data):
            end = data.find(b"\n", whole) + 1
            if end == 0:
                break
            try:
                row = self.kind.model_validate_json(data[whole : end - 1])
            except ValidationError as error:
                if end == len(data):
                    break
                number = data.count(b"\n", 0, end)
                fault = error.errors()[0]["msg"]
                raise ProbeError(f"{self.path} line {number} is damaged: {fault}") from None
            self.latest[self.key(row)] = row
            whole = end
        return whole

    def append(self, row: R) -> None:
        """Add one row; it is in the file, whole, when this returns."""
        line = row.model_dump_json(exclude_defaults=True).encode() + b"\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        try:
            view = memoryview(line)
            while view:
                view = view[os.write(descriptor, view) :]
        finally:
            os.close(descriptor)
        self.latest[self.key(row)] = row
