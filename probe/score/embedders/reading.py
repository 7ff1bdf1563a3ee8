"""The front of every embedder: files or samples in, mono at one rate out, a few ahead in threads.

Decoding (libsndfile), resampling (soxr HQ) and hashing all let go of the interpreter, so threads
use every core while the model works. No more than a few clips are held at a time, however many
there are. A file that cannot be read is named in its place and costs the others nothing.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from probe.audio import decode_recording, resample
from probe.errors import UsageError
from probe.parallel import CORES

Array = NDArray[np.float64]
I = TypeVar("I")  # noqa: E741

READING_VERSION = "2"
"""Changes whenever the same bytes could become other samples, or none: channels, resampler,
clipping, what is too short."""

SHORTEST_S = 0.05
"""A shorter file is no clip: it is hardly a frame, and an embedder would hear its own padding."""

SUFFIXES = frozenset((".aif", ".aiff", ".au", ".caf", ".flac", ".mp3", ".oga", ".ogg", ".opus"))
SUFFIXES |= {".rf64", ".w64", ".wav"}
"""What counts as an audio file in a folder; libsndfile decides by the bytes, not by the name."""

AHEAD = 4
"""Clips read ahead per thread, so that the threads have work while the model has a batch."""


@dataclass(frozen=True)
class Sound:
    """One clip, ready to be embedded, or its vector where that is known, or why there is none."""

    name: str
    digest: str
    """SHA-256 of what it was made from; never of its name. Empty where nothing could be read."""
    samples: Array | None = None
    """Mono at the rate that was asked for, shape (n,), within [-1, 1]."""
    known: Array | None = None
    """What `lookup` found for `digest`; then nothing was decoded."""
    problem: str | None = None
    """Why the file cannot be read, in one line that names it."""


Lookup = Callable[[str], Array | None]


def audio_files(folder: Path) -> list[Path]:
    """Audio files in a folder and the folders below it, sorted, hidden ones left out.

    Raises
    ------
    UsageError
        There is no such folder, or no audio file in it.
    """
    if not folder.is_dir():
        raise UsageError(f"{folder} is not a folder")
    found = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() in SUFFIXES
        and path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
    )
    if not found:
        raise UsageError(f"{folder} holds no audio file ({', '.join(sorted(SUFFIXES))})")
    return found


def read_files(
    files: Iterable[tuple[str, Path]], sample_rate: int, *, lookup: Lookup | None = None
) -> Iterator[Sound]:
    """Read files, in order.

    Parameters
    ----------
    files : iterable of (name, path)
        Any format libsndfile knows, at least `SHORTEST_S` long.
    sample_rate : int
        Rate of the result in Hz.
    lookup : callable, optional
        Called in the threads with the SHA-256 of a file's bytes. A file for which it returns an
        array is not decoded.
    """

    def read(item: tuple[str, Path]) -> Sound:
        name, path = item
        try:
            data = path.read_bytes()
        except OSError as error:
            return Sound(name, "", problem=f"{name} cannot be read: {error.strerror}")
        digest = hashlib.sha256(data).hexdigest()
        known = lookup(digest) if lookup else None
        if known is not None:
            return Sound(name, digest, known=known)
        try:
            samples = decode_recording(data, sample_rate, name=name)
        except UsageError as error:
            return Sound(name, digest, problem=str(error))
        if len(samples) < round(SHORTEST_S * sample_rate):
            length = f"{1000 * len(samples) / sample_rate:.1f} ms"
            needed = f"at least {1000 * SHORTEST_S:g} ms are needed"
            return Sound(name, digest, problem=f"{name} is {length} long, {needed}")
        return Sound(name, digest, samples)

    return _ahead(read, files)


def read_clips(
    clips: Iterable[tuple[str, Array, int]], sample_rate: int, *, lookup: Lookup | None = None
) -> Iterator[Sound]:
    """Bring clips that are in memory to one rate, in order, as `read_files` does for files.

    Parameters
    ----------
    clips : iterable of (name, samples, sample rate)
        Mono, shape (n,), n ≥ 1, rates in Hz. An iterator is consumed no faster than needed.
    sample_rate : int
        Rate of the result in Hz.
    lookup : callable, optional
        Called with a digest over samples and rate; a clip it knows is not resampled.
    """

    def read(clip: tuple[str, Array, int]) -> Sound:
        name, samples, rate = clip
        digest = samples_digest(samples, rate)
        known = lookup(digest) if lookup else None
        if known is not None:
            return Sound(name, digest, known=known)
        return Sound(name, digest, np.clip(resample(samples, rate, sample_rate), -1, 1))

    return _ahead(read, clips)


def samples_digest(samples: Array, sample_rate: int) -> str:
    """SHA-256 over the rate and the samples as little-endian float64, the identity of a clip."""
    digest = hashlib.sha256(f"samples at {sample_rate} Hz\n".encode())
    digest.update(np.ascontiguousarray(samples, "<f8").tobytes())
    return digest.hexdigest()


def _ahead(read: Callable[[I], Sound], items: Iterable[I]) -> Iterator[Sound]:
    """Results of `read` in the order of `items`, a few of them under way."""
    pending: deque[Future[Sound]] = deque()
    with ThreadPoolExecutor(CORES, thread_name_prefix="read") as pool:
        try:
            for item in items:
                pending.append(pool.submit(read, item))
                if len(pending) > AHEAD * CORES:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)
