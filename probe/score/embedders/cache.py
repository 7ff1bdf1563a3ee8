"""Vectors kept between runs, found again by what was heard and never by where it lay.

::

    ~/.cache/probe/embeddings/v1/            or $PROBE_CACHE/embeddings/v1/
        <embedder>-<digest>/                 fingerprint of the embedder and version of the reading
            <what>/<2 digits>/<digest>.npy   SHA-256 of the audio

A file is one array in numpy's format and a checksum behind it. It is written under another name
and moved into place, so any number of processes may share a cache. A file that is damaged counts
as missing and is written again.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import shutil
import tempfile
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.errors import UsageError
from probe.score.embedders.base import Embedder
from probe.score.embedders.reading import READING_VERSION

Array = NDArray[np.float64]

LAYOUT = "v1"


def cache_folder() -> Path:
    """Where vectors are kept: below PROBE_CACHE, or ``~/.cache/probe``."""
    given = os.environ.get("PROBE_CACHE")
    return (Path(given) if given else Path.home() / ".cache" / "probe") / "embeddings"


class Cache:
    """The vectors of one embedder.

    Parameters
    ----------
    embedder : Embedder
        Its fingerprint tells its vectors from every other's.
    what : str
        Kind of vector, such as ``"clip"`` or ``"frames"``.
    folder : Path, optional
        Instead of `cache_folder`.
    """

    def __init__(self, embedder: Embedder, what: str, folder: Path | None = None) -> None:
        identity = f"{embedder.name}\n{embedder.fingerprint}\nreading {READING_VERSION}"
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", embedder.name).lstrip(".-") or "embedder"
        self._folder = (folder or cache_folder()) / LAYOUT / f"{name}-{digest}" / what

    def get(self, digest: str) -> Array | None:
        """Array kept for the audio with this digest, or None."""
        try:
            data = self._path(digest).read_bytes()
        except OSError:
            return None
        body, checksum = data[:-4], data[-4:]
        if zlib.crc32(body).to_bytes(4, "little") != checksum:
            return None
        array = np.load(io.BytesIO(body), allow_pickle=False)
        return np.asarray(array, np.float64)

    def put(self, digest: str, array: Array) -> None:
        """Keep an array.

        Raises
        ------
        UsageError
            The folder cannot be written to.
        """
        path = self._path(digest)
        data = io.BytesIO()
        np.save(data, np.asarray(array, np.float64), allow_pickle=False)
        body = data.getvalue()
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as half:
                try:
                    half.write(body + zlib.crc32(body).to_bytes(4, "little"))
                    half.close()
                    Path(half.name).replace(path)
                except BaseException:
                    with contextlib.suppress(OSError):
                        Path(half.name).unlink()
                    raise
        except OSError as error:
            raise UsageError(
                f"cannot keep embeddings in {path.parent}: {error.strerror};"
                " set PROBE_CACHE to a folder that can be written to"
            ) from error

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.npy"


@dataclass(frozen=True)
class Kept:
    """What the cache holds of one embedder."""

    embedder: str
    files: int
    size: int
    """Bytes."""


def report(folder: Path | None = None) -> list[Kept]:
    """What is kept, one row an embedder, largest first."""
    rows = []
    root = (folder or cache_folder()) / LAYOUT
    for kept in root.iterdir() if root.is_dir() else ():
        sizes = []
        for path in kept.rglob("*"):
            with contextlib.suppress(FileNotFoundError):  # somebody else is clearing
                if path.is_file():
                    sizes.append(path.stat().st_size)
        rows.append(Kept(kept.name, len(sizes), sum(sizes)))
    return sorted(rows, key=lambda row: (-row.size, row.embedder))


def clear(folder: Path | None = None) -> None:
    """Remove everything that is kept, and nothing else that may lie in the folder."""
    shutil.rmtree((folder or cache_folder()) / LAYOUT, ignore_errors=True)
