"""What every sandbox does with its pool: give a program to one that waits, tell what came of it.

Whatever is made ready ahead, a container or a jail of bubblewrap's, is used for one program.
"""

from __future__ import annotations

import os
import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Generic, Protocol, Self, TypeVar

from probe.errors import ProbeError
from probe.records import Limits, Outcome
from probe.sandbox import Execution
from probe.sandbox.conversation import NeverBeganError
from probe.sandbox.pool import Container, Pool
from probe.sandbox.protocol import MAX_PROGRAM_BYTES, Result, encode_program
from probe.sandbox.reading import one_line, read_result

SPARE = 2
"""Containers beyond those in use: while one is started and one removed, the next is at hand."""


class Warm(Container, Protocol):
    """Something that waits for its one program."""

    def run(self, source: bytes, limits: Limits) -> Result | None:
        """Send the program and wait for its result; see `probe.sandbox.conversation.converse`."""
        ...

    def without_result(self, limits: Limits) -> Execution:
        """What it means that `run` returned None."""
        ...


W = TypeVar("W", bound=Warm)


class PooledSandbox(ABC, Generic[W]):
    """A sandbox that makes its containers ready ahead; a context manager.

    Parameters
    ----------
    slots : int or None
        How many programs run at the same time; further calls wait. The number of cores for None.
    spare : int
        How many containers there are beyond those; none for a single program.
    """

    name: str
    image: str

    def __init__(self, slots: int | None, spare: int) -> None:
        self._slots = slots or os.cpu_count() or 1
        self._size = self._slots + spare
        self._turns = threading.BoundedSemaphore(self._slots)
        self._pool: Pool[W] | None = None

    @abstractmethod
    def _start(self, slot: int, limits: Limits) -> W:
        """Make one ready; raises what `_failures` names, or `ProbeError`, when it cannot."""

    @property
    def _failures(self) -> tuple[type[Exception], ...]:
        """What is the engine's failure and not the program's."""
        return (ProbeError, OSError)

    def __enter__(self) -> Self:
        """Begin to make containers ready."""
        self._pool = Pool(self._start, self._size, Limits())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End whatever still runs or waits."""
        if self._pool:
            self._pool.close()

    def execute(self, program: str, limits: Limits) -> Execution:
        """Run one program in a container of its own; callable from several threads at once.

        Parameters
        ----------
        program : str
            Python source.
        limits : Limits
            What it may use.

        Returns
        -------
        Execution
            What came of it; ``sandbox_error`` when the sandbox itself failed.
        """
        source = encode_program(program)
        if len(source) > MAX_PROGRAM_BYTES:
            detail = f"the program has {len(source)} bytes, more than {MAX_PROGRAM_BYTES}"
            return Execution(outcome=Outcome.RUNTIME_ERROR, detail=detail)
        if self._pool is None:
            raise RuntimeError("the sandbox runs programs inside its `with` block")
        with self._turns:
            try:
                return self._execute(self._pool, source, limits)
            except self._failures as error:
                return Execution(outcome=Outcome.SANDBOX_ERROR, detail=one_line(str(error)))

    def _execute(self, pool: Pool[W], source: bytes, limits: Limits) -> Execution:
        """Try another when one ended before it began: all that wait may have, at the most."""
        for _ in range(self._size):
            try:
                return _execute_once(pool, source, limits)
            except NeverBeganError:
                continue
        return _execute_once(pool, source, limits)


def _execute_once(pool: Pool[W], source: bytes, limits: Limits) -> Execution:
    with pool.container(limits) as container:
        result = container.run(source, limits)
        if result is None:
            return container.without_result(limits)
    return read_result(result, limits)
