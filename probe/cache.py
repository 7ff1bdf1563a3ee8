"""Files kept between runs, each found again by a digest of what it came from.

::

    ~/.cache/probe/<kind>/v1/                or $PROBE_CACHE/<kind>/v1/
        .../<2 digits>/<digest><suffix>

A file is written under another name and moved into place, so any number of processes may share a
cache. Where nothing can be written that is told once, and the work goes on without.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

LAYOUT = "v1"


def cache_folder(kind: str) -> Path:
    """Where a kind of thing is kept: below PROBE_CACHE, or ``~/.cache/probe``."""
    given = os.environ.get("PROBE_CACHE")
    return (Path(given) if given else Path.home() / ".cache" / "probe") / kind


@dataclass
class KeptFiles:
    """Files of one kind in one folder; what is in them is for others to say."""

    folder: Path
    kind: str
    """As it is said when they cannot be written."""
    suffix: str
    otherwise: str = ""
    """What may be done then instead of setting another folder."""
    _full: bool = field(default=False, init=False)
    """Whether a file could not be written: no other is tried."""

    def read(self, digest: str) -> bytes | None:
        """What was kept under a digest, or None."""
        try:
            return self._path(digest).read_bytes()
        except OSError:
            return None

    def write(self, digest: str, data: bytes) -> None:
        """Keep data; where the folder cannot be written to, say so once and keep nothing more."""
        if self._full:
            return
        try:
            self._write(self._path(digest), data)
        except OSError as error:
            from probe.display import Display

            self._full = True
            Display().say(
                f"{self.kind} are not kept: {self.folder} cannot be written to ({error.strerror});"
                f" set PROBE_CACHE to a folder that can{self.otherwise}. Going on without"
            )

    def _write(self, path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as half:
            try:
                half.write(data)
                half.close()
                Path(half.name).replace(path)
            except BaseException:
                with contextlib.suppress(OSError):
                    Path(half.name).unlink()
                raise

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}{self.suffix}"


def sizes(files: Iterator[Path]) -> tuple[int, int]:
    """How many files there are, and their bytes on disk."""
    found = []
    for path in files:
        with contextlib.suppress(FileNotFoundError):  # somebody else is clearing
            found.append(path.stat().st_size)
    return len(found), sum(found)
