"""One append-only file of records; `probe.records.run_folder` says which there are."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Generic, NamedTuple, TypeVar

from pydantic import ValidationError

from probe.errors import ProbeError
from probe.paths import writing
from probe.records.record import Record

K = TypeVar("K")
R = TypeVar("R", bound=Record)


class Line(NamedTuple, Generic[R]):
    """A whole line of a log."""

    row: R
    begin: int
    """Bytes before it."""
    end: int


class DamagedError(ProbeError):
    """A line in the middle of a log is no row of it."""


def line_of(row: Record) -> bytes:
    """A row as it stands in its log."""
    return row.model_dump_json(exclude_defaults=True).encode() + b"\n"


def read_lines(path: Path, kind: type[R]) -> Iterator[Line[R]]:
    """Every row of a log, one at a time, so that no more than one is in memory.

    A last line that was torn, by a kill or a full disk, is passed over.

    Raises
    ------
    DamagedError
        Another line is no row; the message says how to go on.
    """
    if not path.exists():
        return
    validate = kind.__pydantic_validator__.validate_json
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        begin = 0
        for number, text in enumerate(file, start=1):
            end = begin + len(text)
            if not text.endswith(b"\n"):
                return
            try:
                row = validate(text)
            except ValidationError as error:
                if end == size:
                    return
                raise DamagedError(
                    f"{path} line {number} is damaged: {error.errors()[0]['msg']};"
                    f" `probe mend {path.parent}` keeps the file beside and drops such lines,"
                    " and the same run then fills what is missing"
                ) from None
            yield Line(row, begin, end)
            begin = end


def read_at(path: Path, kind: type[R], places: Iterable[int]) -> Iterator[R]:
    """The rows that begin at these bytes of a log."""
    if not (wanted := list(places)):
        return
    with path.open("rb") as file:
        for place in wanted:
            file.seek(place)
            yield kind.model_validate_json(file.readline())


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
    places : iterable of int, optional
        Read only the rows that begin at these bytes.
    """

    def __init__(
        self,
        path: Path,
        kind: type[R],
        key: Callable[[R], K],
        *,
        repair: bool = False,
        places: Iterable[int] | None = None,
    ) -> None:
        self.path = path
        self.key = key
        self.latest: dict[K, R] = {}
        if places is not None:
            self.latest.update((key(row), row) for row in read_at(path, kind, places))
            return
        whole = 0
        for row, _, end in read_lines(path, kind):
            self.latest[key(row)] = row
            whole = end
        if repair and path.exists() and whole < path.stat().st_size:
            os.truncate(path, whole)

    def append(self, row: R) -> None:
        """Add one row; it is in the file, whole, when this returns, and not at all when it raises.

        Raises
        ------
        OSError
            It cannot be written; the error says the path.
        """
        view = memoryview(line_of(row))
        descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
        size = os.fstat(descriptor).st_size
        try:
            with writing(self.path):
                while view:
                    view = view[os.write(descriptor, view) :]
        except OSError:
            # Half a line would be damage in the middle once there is room for the next.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, size)
            raise
        finally:
            os.close(descriptor)
        self.latest[self.key(row)] = row
