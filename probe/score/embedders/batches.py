"""Any number of clips through an embedder: in buckets of like length, from the cache where known.

Clips stream: what is held are the few that are read ahead, and what waits for its bucket to fill,
never more than `HELD_BATCHES` batches. Vectors come as they are ready, each with its place.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from probe.errors import ProbeError, UsageError
from probe.score.embedders.base import Embedder, FrameEmbedder, Tagger
from probe.score.embedders.cache import Cache
from probe.score.embedders.reading import Sound, read_clips, read_files

Array = NDArray[np.float64]

What = Literal["clip", "frames", "probabilities"]
"""One vector a clip, one a frame, or the probability of each class."""

BATCH_S = 160.0
"""Seconds of audio in a batch on a CPU; embedders cut it further as suits their network."""
GPU_BATCH_S = 1280.0
"""On a GPU, which wants more at once."""
HELD_BATCHES = 2
"""Batches' worth of audio that may wait in buckets; then the fullest goes as it is."""
BUCKET_S = 1.0
"""Clips whose lengths, rounded up to this, are equal share a bucket."""


@dataclass(frozen=True)
class Row:
    """What came of one clip."""

    index: int
    """Its place among the clips that went in."""
    name: str
    array: Array | None
    """Shape (d,), or (frames, d) of frames; None where the file cannot be read."""
    cached: bool = False
    problem: str | None = None


def embed_files(
    files: Iterable[tuple[str, Path]],
    embedder: Embedder,
    *,
    what: What = "clip",
    cache: Cache | None = None,
) -> Iterator[Row]:
    """Embed files, given as (name, path); see `embed_sounds`."""
    lookup = cache.get if cache else None
    sounds = read_files(files, embedder.sample_rate, lookup=lookup)
    return embed_sounds(sounds, embedder, what=what, cache=cache)


def embed_clips(
    clips: Iterable[tuple[str, Array, int]],
    embedder: Embedder,
    *,
    what: What = "clip",
    cache: Cache | None = None,
) -> Iterator[Row]:
    """Embed clips in memory, given as (name, mono samples, rate in Hz); see `embed_sounds`."""
    lookup = cache.get if cache else None
    sounds = read_clips(clips, embedder.sample_rate, lookup=lookup)
    return embed_sounds(sounds, embedder, what=what, cache=cache)


def embed_sounds(
    sounds: Iterable[Sound],
    embedder: Embedder,
    *,
    what: What = "clip",
    cache: Cache | None = None,
) -> Iterator[Row]:
    """Embed what was read, in batches.

    Parameters
    ----------
    sounds : iterable of Sound
        At the embedder's rate.
    embedder : Embedder
        For `what` other than ``"clip"``, one that has it.
    what : {"clip", "frames", "probabilities"}
        Which vectors.
    cache : Cache, optional
        Where new vectors are kept.

    Yields
    ------
    Row
        One for every sound, as it is ready; in no fixed order.

    Raises
    ------
    UsageError
        The embedder has no such vectors.
    ProbeError
        It gave something else than one finite array for each clip.
    """
    run = _method(embedder, what)
    batch_s = GPU_BATCH_S if _on_gpu(embedder) else BATCH_S
    buckets: dict[int, _Bucket] = {}
    for index, sound in enumerate(sounds):
        if sound.samples is None:
            yield Row(index, sound.name, sound.known, sound.known is not None, sound.problem)
            continue
        seconds = len(sound.samples) / embedder.sample_rate
        bucket = buckets.setdefault(ceil(seconds / BUCKET_S), _Bucket())
        bucket.add(index, sound, seconds)
        held = sum(other.seconds for other in buckets.values())
        if bucket.seconds >= batch_s or held >= HELD_BATCHES * batch_s:
            key = max(buckets, key=lambda length: buckets[length].seconds)
            yield from _flush(buckets.pop(key), embedder, run, cache)
    for key in sorted(buckets):
        yield from _flush(buckets[key], embedder, run, cache)


@dataclass
class _Bucket:
    """Clips of like length that wait for each other."""

    sounds: list[tuple[int, Sound]] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, index: int, sound: Sound, seconds: float) -> None:
        self.sounds.append((index, sound))
        self.seconds += seconds


Run = Callable[[Sequence[Array]], Sequence[Array] | Array]


def _method(embedder: Embedder, what: What) -> Run:
    if what == "clip":
        return embedder.embed
    if what == "frames" and isinstance(embedder, FrameEmbedder):
        return embedder.embed_frames
    if what == "probabilities" and isinstance(embedder, Tagger):
        return embedder.probabilities
    raise UsageError(f"{embedder.name} has no {what}")


def _on_gpu(embedder: Embedder) -> bool:
    return str(getattr(embedder, "device", "cpu")).startswith("cuda")


def _flush(bucket: _Bucket, embedder: Embedder, run: Run, cache: Cache | None) -> Iterator[Row]:
    clips = [sound.samples for _, sound in bucket.sounds if sound.samples is not None]
    arrays = run(clips)
    if len(arrays) != len(clips):
        raise ProbeError(f"{embedder.name} gave {len(arrays)} vectors for {len(clips)} clips")
    for (index, sound), array in zip(bucket.sounds, arrays, strict=True):
        if not np.isfinite(array).all():
            raise ProbeError(f"{embedder.name} gave NaN or infinity for {sound.name}")
        if cache is not None:
            cache.put(sound.digest, array)
        yield Row(index, sound.name, np.asarray(array, np.float64))


@dataclass(frozen=True)
class Embedded:
    """Every clip that could be embedded, in the order they went in."""

    names: tuple[str, ...]
    rows: Array
    """Shape (rows, d): one row a clip, or the frames of all clips one after another."""
    clips: NDArray[np.intp]
    """For each row, which of `names` it is from."""
    problems: tuple[str, ...]
    """One line for each file that cannot be read."""
    cached: int
    """How many vectors came from the cache."""
    seconds: float
    """Wall time from the first file to the last vector."""

    @property
    def clips_per_s(self) -> float:
        """Clips embedded or found per second of wall time."""
        return len(self.names) / max(self.seconds, 1e-9)


def collect(rows: Iterable[Row], *, done: Callable[[str], None] | None = None) -> Embedded:
    """Bring vectors back into order; `done` hears ``ok``, ``cached`` or ``unreadable`` of each.

    Parameters
    ----------
    rows : iterable of Row
        From `embed_files`, `embed_clips` or `embed_sounds`.
    done : callable, optional
        For a progress bar.

    Returns
    -------
    Embedded
        With no rows, of shape (0, 0), where no clip could be read.
    """
    began = time.perf_counter()
    found: list[Row] = []
    for row in rows:
        found.append(row)
        if done:
            done("unreadable" if row.array is None else "cached" if row.cached else "ok")
    found.sort(key=lambda row: row.index)
    kept = [(row.name, np.atleast_2d(row.array)) for row in found if row.array is not None]
    return Embedded(
        names=tuple(name for name, _ in kept),
        rows=np.concatenate([array for _, array in kept]) if kept else np.empty((0, 0)),
        clips=np.repeat(np.arange(len(kept)), [len(array) for _, array in kept]),
        problems=tuple(row.problem for row in found if row.problem is not None),
        cached=sum(row.cached for row in found),
        seconds=time.perf_counter() - began,
    )
