"""Vectors kept between runs, found again by what was heard and never by where it lay.

::

    ~/.cache/probe/embeddings/v1/            or $PROBE_CACHE/embeddings/v1/
        <embedder>-<digest>/                 fingerprint of the embedder and version of the reading
            <what>/<2 digits>/<digest>.npy   SHA-256 of the audio

A file is one array in numpy's format and a checksum behind it. One that is damaged counts as
missing and is written again.
"""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from probe.cache import LAYOUT, KeptFiles, cache_folder, sizes
from probe.score.embedders.base import Embedder
from probe.score.embedders.reading import READING_VERSION

Array = NDArray[np.float64]


def embeddings_folder() -> Path:
    """Where vectors are kept, of all embedders."""
    return cache_folder("embeddings")


class Cache:
    """The vectors of one embedder.

    Parameters
    ----------
    embedder : Embedder
        Its fingerprint tells its vectors from every other's.
    what : str
        Kind of vector, such as ``"clip"`` or ``"frames"``.
    folder : Path, optional
        Instead of `embeddings_folder`.
    """

    def __init__(self, embedder: Embedder, what: str, folder: Path | None = None) -> None:
        identity = f"{embedder.name}\n{embedder.fingerprint}\nreading {READING_VERSION}"
        digest = hashlib.sha256(identity.encode()).hexdigest()[:16]
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", embedder.name).lstrip(".-") or "embedder"
        below = (folder or embeddings_folder()) / LAYOUT / f"{name}-{digest}" / what
        self._kept = KeptFiles(below, "embeddings", ".npy")

    def get(self, digest: str) -> Array | None:
        """Array kept for the audio with this digest, or None."""
        data = self._kept.read(digest)
        if data is None:
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
        PrerequisiteError
            The folder cannot be written to.
        """
        data = io.BytesIO()
        np.save(data, np.asarray(array, np.float64), allow_pickle=False)
        body = data.getvalue()
        self._kept.write(digest, body + zlib.crc32(body).to_bytes(4, "little"))


@dataclass(frozen=True)
class Kept:
    """What the cache holds of one embedder."""

    embedder: str
    files: int
    size: int
    """Bytes."""


def report(folder: Path | None = None) -> list[Kept]:
    """What is kept, one row an embedder, largest first."""
    root = (folder or embeddings_folder()) / LAYOUT
    rows = [
        Kept(embedder.name, *sizes(embedder.glob("*/*/*.npy")))
        for embedder in (root.iterdir() if root.is_dir() else ())
    ]
    return sorted(rows, key=lambda row: (-row.size, row.embedder))


def clear(folder: Path | None = None) -> None:
    """Remove everything that is kept, and nothing else that may lie in the folder."""
    shutil.rmtree((folder or embeddings_folder()) / LAYOUT, ignore_errors=True)
