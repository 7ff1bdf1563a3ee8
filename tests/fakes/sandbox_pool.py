"""Containers that run nothing, for a pool to tend."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from probe.records import Limits
from probe.sandbox.pool import Shape


class FakeContainer:
    """Waits until it is `taken` or `dies`; removing it takes until its maker's `removal` is set."""

    def __init__(self, maker: Maker, slot: int, limits: Limits) -> None:
        self.slot = slot
        self.shape = Shape.of(limits)
        self.removed = threading.Event()
        self._maker = maker
        self._alive = True

    def waits(self) -> bool:
        """Whether it has not died."""
        return self._alive and not self.removed.is_set()

    def die(self) -> None:
        """End while waiting."""
        self._alive = False

    def remove(self) -> None:
        """Be gone."""
        assert self._maker.removal.wait(10)
        self.removed.set()


class Maker:
    """Starts fake containers and remembers them; `start` raises `error` when that is set."""

    def __init__(self) -> None:
        self.made: list[FakeContainer] = []
        self.tried = 0
        self.error: Exception | None = None
        self.starting = threading.Event()
        self.removal = threading.Event()
        self.starting.set()
        self.removal.set()

    def start(self, slot: int, limits: Limits) -> FakeContainer:
        """Make one, once `starting` is set."""
        assert self.starting.wait(10)
        assert slot not in {container.slot for container in self.living()}
        self.tried += 1
        if self.error:
            raise self.error
        self.made.append(FakeContainer(self, slot, limits))
        return self.made[-1]

    def living(self) -> list[FakeContainer]:
        """Those that are not removed."""
        return [container for container in self.made if not container.removed.is_set()]


def eventually(condition: Callable[[], bool]) -> None:
    """Wait until something holds, for 20 s at most."""
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.002)
