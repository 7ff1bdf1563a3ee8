"""Containers that wait for programs: started ahead, handed out once, removed in the background.

The pool has a number of slots, each with a thread that tends one container at a time: start it,
offer it, wait until it is spent, remove it, and start the next. Whoever asks for a container gets
one that waits already, and pays neither for its start nor for its removal.

Some limits are settings of a container and fixed when it is created. Slots start what is asked for
and not yet on its way, else another of what was asked for last; a container that waits is given up
only when somebody waits for one of another shape and no slot is free.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, Protocol, TypeVar

from probe.errors import ProbeError
from probe.records import Limits

LOOK_S = 1.0
"""How often a container that waits is looked at, since it may have ended."""


class Container(Protocol):
    """What a pool needs to know of a container."""

    def waits(self) -> bool:
        """Whether it still waits for its program."""
        ...

    def remove(self) -> None:
        """Remove it, whatever it does; never raises."""
        ...


C = TypeVar("C", bound=Container)


class Shape(NamedTuple):
    """The limits that are settings of a container."""

    memory_bytes: int
    processes: int

    @classmethod
    def of(cls, limits: Limits) -> Shape:
        """The shape of a container for a program with these limits."""
        return cls(limits.memory_bytes, limits.processes)


@dataclass(eq=False)
class _Held(Generic[C]):
    """A container and the slot's knowledge of it."""

    container: C
    shape: Shape
    spent: bool = False


@dataclass(eq=False)
class _Request(Generic[C]):
    """Somebody who waits for a container."""

    limits: Limits
    answer: Future[_Held[C]] = field(default_factory=Future)

    @property
    def shape(self) -> Shape:
        return Shape.of(self.limits)


class Pool(Generic[C]):
    """Containers of which each is used once.

    Parameters
    ----------
    start : callable
        Takes the number of a slot and limits; returns a started container that waits, or raises.
        Called from the slots' threads.
    slots : int
        How many containers exist at the same time, at most: those that are started, wait, are used
        or are removed. No two of them have the same slot.
    limits : Limits
        What is started before anything is asked for.
    """

    def __init__(self, start: Callable[[int, Limits], C], slots: int, limits: Limits) -> None:
        self._start = start
        self._usual = limits
        self._changed = threading.Condition()
        self._requests: list[_Request[C]] = []
        self._waiting: list[_Held[C]] = []
        self._starting: Counter[Shape] = Counter()
        self._free = slots
        self._failing = False
        self._closing = False
        self._threads = [
            threading.Thread(target=self._tend, args=(slot,), name=f"sandbox {slot}", daemon=True)
            for slot in range(slots)
        ]
        for thread in self._threads:
            thread.start()

    @contextmanager
    def container(self, limits: Limits) -> Iterator[C]:
        """A container for one program; it is removed afterwards, without being waited for.

        Raises
        ------
        ProbeError
            The pool is closed.
        Exception
            Whatever `start` raised.
        """
        held = self._take(limits)
        try:
            yield held.container
        finally:
            with self._changed:
                held.spent = True
                self._changed.notify_all()

    def close(self) -> None:
        """Remove every container, those in use as well, and wait until they are gone."""
        with self._changed:
            self._closing = True
            for request in self._requests:
                request.answer.set_exception(ProbeError("the sandbox is closed"))
            self._requests.clear()
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _take(self, limits: Limits) -> _Held[C]:
        request = _Request[C](limits)
        with self._changed:
            if self._closing:
                raise ProbeError("the sandbox is closed")
            self._usual = limits
            self._requests.append(request)
            self._match()
            self._changed.notify_all()
        return request.answer.result()

    def _match(self) -> None:
        """Give what waits to those who wait for it."""
        for request in list(self._requests):
            for held in self._waiting:
                if held.shape == request.shape and held.container.waits():
                    self._waiting.remove(held)
                    self._requests.remove(request)
                    request.answer.set_result(held)
                    break

    # --- one slot ---

    def _tend(self, slot: int) -> None:
        """Start containers, one after the other, and see each through to its end."""
        while (limits := self._next()) is not None:
            try:
                held = _Held(self._start(slot, limits), Shape.of(limits))
            except Exception as error:
                self._failed(Shape.of(limits), error)
                continue
            self._offer(held)
            self._wait_until_spent(held)
            held.container.remove()

    def _next(self) -> Limits | None:
        """Wait until a container is wanted, and for which limits; None when the pool closes."""
        with self._changed:
            self._changed.wait_for(lambda: self._closing or self._wanted() is not None)
            limits = None if self._closing else self._wanted()
            if limits is not None:
                self._free -= 1
                self._starting[Shape.of(limits)] += 1
            return limits

    def _wanted(self) -> Limits | None:
        """What to start next. When the last start failed, nothing is started unasked."""
        unmet = self._unmet()
        if unmet:
            return unmet[0].limits
        return None if self._failing else self._usual

    def _unmet(self) -> list[_Request[C]]:
        """The requests for which no container is on its way."""
        on_its_way = self._starting.copy()
        unmet: list[_Request[C]] = []
        for request in self._requests:
            if on_its_way[request.shape]:
                on_its_way[request.shape] -= 1
            else:
                unmet.append(request)
        return unmet

    def _offer(self, held: _Held[C]) -> None:
        with self._changed:
            self._starting[held.shape] -= 1
            self._failing = False
            self._waiting.append(held)
            self._match()
            self._changed.notify_all()

    def _failed(self, shape: Shape, error: Exception) -> None:
        """Tell whoever had counted on it."""
        with self._changed:
            self._starting[shape] -= 1
            self._free += 1
            self._failing = True
            for request in self._unmet():
                if request.shape == shape:
                    self._requests.remove(request)
                    request.answer.set_exception(error)
                    break
            self._changed.notify_all()

    def _wait_until_spent(self, held: _Held[C]) -> None:
        """Until it has been used, or nobody will use it."""
        with self._changed:
            while not (self._closing or held.spent or self._withdrawn(held)):
                self._changed.wait(LOOK_S)
            self._free += 1
            self._changed.notify_all()

    def _withdrawn(self, held: _Held[C]) -> bool:
        """Take back a container that waits no more, or stands in the way of another shape."""
        if held not in self._waiting:
            return False
        if held.container.waits() and len(self._unmet()) <= self._free:
            return False
        self._waiting.remove(held)
        return True
