"""What every embedder looks like: clips in, vectors out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


class Embedder(Protocol):
    """Turns clips into vectors; deterministic, so that a vector can be kept for ever."""

    name: str
    """As in the name of a metric, ``fad/<name>``; tells checkpoints apart."""
    sample_rate: int
    """The rate it hears at, in Hz."""
    dimension: int
    """Length of a vector."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same clip could get another vector: weights, windows, front end."""
        ...

    def embed(self, clips: Sequence[Array]) -> Array:
        """Embed mono clips of shape (n,), n ≥ 1, at `sample_rate`; shape (clips, dimension)."""
        ...


@runtime_checkable
class FrameEmbedder(Embedder, Protocol):
    """An embedder that also has a vector for every frame or window of a clip."""

    def embed_frames(self, clips: Sequence[Array]) -> list[Array]:
        """Frames of each clip, in time, shapes (frames, dimension)."""
        ...


@runtime_checkable
class TextEmbedder(Embedder, Protocol):
    """An embedder that puts text into the same space."""

    def embed_text(self, texts: Sequence[str]) -> Array:
        """Embed texts; shape (texts, dimension)."""
        ...


@runtime_checkable
class Tagger(Embedder, Protocol):
    """An embedder that also says what it hears."""

    labels: tuple[str, ...]
    """Names of the classes, in the order of the probabilities."""

    def probabilities(self, clips: Sequence[Array]) -> Array:
        """Probability of each class by itself in each clip; shape (clips, len(labels))."""
        ...
