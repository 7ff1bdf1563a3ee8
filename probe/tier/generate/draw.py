"""Random choices that are the same on every machine and in every version of Python."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Choices that follow from a few integers.

    Python promises that ``random.Random(int).random()`` never changes; of its other methods it does
    not, so only that one is used.

    Parameters
    ----------
    *of : int
        Whatever differs here draws differently.
    """

    def __init__(self, *of: int) -> None:
        digest = hashlib.sha256("/".join(map(str, of)).encode()).digest()
        self._random = random.Random(int.from_bytes(digest, "big"))

    def below(self, end: int) -> int:
        """An integer from 0 up to, not including, `end`."""
        return int(self._random.random() * end)

    def integer(self, low: int, high: int) -> int:
        """An integer from `low` to `high`, both included."""
        return low + self.below(high - low + 1)

    def choice(self, options: Sequence[T]) -> T:
        """One of `options`."""
        return options[self.below(len(options))]

    def several(self, options: Sequence[T], count: int) -> list[T]:
        """`count` different ones of `options`, in their order."""
        left = list(range(len(options)))
        chosen = [left.pop(self.below(len(left))) for _ in range(count)]
        return [options[i] for i in sorted(chosen)]
