"""Files kept between runs, each found again by a digest of what it came from.

::

    ~/.cache/probe/<kind>/v1/                or $PROBE_CACHE/<kind>/v1/
        .../<2 digits>/<digest><suffix>

A file is written under another name and moved into place, so any number of processes may share a
cache.
"""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from probe.errors import PrerequisiteError

LAYOUT = "v1"


def cache_folder(kind: str) -> Path:
    """Where a kind of thing is kept: below PROBE_CACHE, or ``~/.cache/probe``."""
    given = os.environ.get("PROBE_CACHE")
    return (Path(given) if given else Path.home() / ".cache" / "probe") / kind


@dataclass(frozen=True)
class KeptFiles:
    """Files of one kind in one folder; what is in them is for others to say."""

    folder: Path
    kind: str
    """As it is said when they cannot be written."""
    suffix: str
    otherwise: str = ""
    """What may be done then instead of setting another folder."""

    def read(self, digest: str) -> bytes | None:
        """What was kept under a digest, or None."""
        try:
            return self._path(digest).read_bytes()
        except OSError:
            return None

    def write(self, digest: str, data: bytes) -> None:
        """Keep data.

        Raises
        ------
        PrerequisiteError
            The folder cannot be written to.
        """
        path = self._path(digest)
        try:
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
        except OSError as error:
            raise PrerequisiteError(
                f"cannot keep {self.kind} in {path.parent}: {error.strerror};"
                f" set PROBE_CACHE to a folder that can be written to{self.otherwise}"
            ) from error

    def _path(self, digest: str) -> Path:
        return self.folder / digest[:2] / f"{digest}{self.suffix}"


def sizes(files: Iterator[Path]) -> tuple[int, int]:
    """How many files there are, and their bytes on disk."""
    found = []
    for path in files:
        with contextlib.suppress(FileNotFoundError):  # somebody else is clearing
            found.append(path.stat().st_size)
    return len(found), sum(found)
