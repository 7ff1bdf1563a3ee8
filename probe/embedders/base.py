"""What every embedder looks like: clips in, one vector a clip out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray


class Embedder(Protocol):
    """Turns clips into vectors; deterministic."""

    name: str
    """As in the name of a metric, ``fd/<name>``."""
    sample_rate: int
    """The rate it hears at, in Hz."""
    dimension: int
    """Length of a vector."""

    def embed(self, clips: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
        """Embed mono clips of shape (n,), n ≥ 1, at `sample_rate`; shape (clips, dimension)."""
        ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same clip could get another vector."""
        ...
