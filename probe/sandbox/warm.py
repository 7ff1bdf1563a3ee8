"""What every engine's sandbox does: make some ready ahead, give each one program, tell what came.

Whatever is made ready, a container or a jail of bubblewrap's, is used for one program. What differs
is how it is started, how it is ended, and what can be learnt of its end.
"""

from __future__ import annotations

import os
import secrets
import select
import socket
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Self

from probe.errors import ProbeError
from probe.records import Limits, Outcome
from probe.sandbox import Execution
from probe.sandbox.outcome import read_result
from probe.sandbox.pool import Pool
from probe.sandbox.protocol import (
    MAX_PROGRAM_BYTES,
    NONCE_BYTES,
    READY,
    ProtocolError,
    Receiver,
    Result,
    encode_job,
    encode_program,
)
from probe.text import printable

READY_S = 90.0
"""How long a sandbox may take until it waits for its program."""
GRACE_S = 30.0
"""What it may take beyond the program's wall time: to begin, to kill, to send."""
SPARE = 2
"""Sandboxes beyond those in use: while one is started and one removed, the next is at hand."""
_RECEIVE_BYTES = 256 << 10
_DETAIL_CHARACTERS = 400


class NeverBeganError(ProbeError):
    """The supervisor ended before it took its program: nothing of the program has run."""


class Connection:
    """The harness's end of what connects it to a supervisor.

    Parameters
    ----------
    end : socket.socket
        What is sent there is the supervisor's stdin.
    stdout : callable
        Takes what arrived; returns the part of it that is the supervisor's stdout.
    """

    def __init__(self, end: socket.socket, stdout: Callable[[bytes], bytes] = bytes) -> None:
        self._socket = end
        self._stdout = stdout

    def send(self, data: bytes) -> None:
        """Send everything."""
        self._socket.settimeout(GRACE_S)
        self._socket.sendall(data)

    def receive(self, deadline: float) -> bytes | None:
        """What comes next; None at the end, or when it is too late (`time.monotonic`)."""
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except TimeoutError:
            return None
        return self._stdout(data) if data else None

    def has_news(self) -> bool:
        """Whether something has come in, be it the end."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def hang_up(self) -> None:
        """End the conversation: for the supervisor, and for a thread that waits for its words."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the descriptor back."""
        self._socket.close()


class Warm(ABC):
    """A started sandbox that waits for its program, with the interpreter up and numpy imported."""

    connection: Connection
    """To its supervisor."""

    @abstractmethod
    def remove(self) -> None:
        """End it, whatever it does, and remove it; never raises."""

    @abstractmethod
    def killed_for_memory(self) -> bool:
        """Whether the kernel took the supervisor too, to make room; asked when it is silent."""

    @abstractmethod
    def last_words(self) -> str:
        """How it ended, with what the supervisor said about itself."""

    def waits(self) -> bool:
        """Whether it still waits for its program: it has neither ended nor said anything."""
        return not self.connection.has_news()

    def await_ready(self) -> None:
        """Wait until the supervisor waits for its job.

        Raises
        ------
        ProbeError
            It ended, took too long, or said something else.
        """
        deadline = time.monotonic() + READY_S
        said = b""
        while len(said) < len(READY):
            piece = self.connection.receive(deadline)
            if piece is None:
                raise ProbeError(f"the supervisor did not get ready: {self.last_words()}")
            said += piece
        if said != READY:
            raise ProtocolError("the supervisor said what is no frame of this job")

    def execute(self, source: bytes, limits: Limits) -> Execution:
        """Run the one program.

        Parameters
        ----------
        source : bytes
            The program.
        limits : Limits
            What it may use; memory and processes as it was started with.

        Returns
        -------
        Execution

        Raises
        ------
        NeverBeganError
            The supervisor ended before: the program can be given to another.
        ProtocolError, OSError
            It said something a supervisor never says; the connection broke.
        """
        result = self._converse(source, limits)
        if result is not None:
            return read_result(result, limits)
        if self.killed_for_memory():
            detail = f"the whole sandbox was killed for memory ({limits.memory_bytes} bytes)"
            return Execution(outcome=Outcome.MEMORY_LIMIT, detail=detail)
        detail = f"the sandbox gave no result: {self.last_words()}"
        return Execution(outcome=Outcome.SANDBOX_ERROR, detail=one_line(detail))

    def _converse(self, source: bytes, limits: Limits) -> Result | None:
        """The result; None when the supervisor ended or stayed silent after the program began."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        receiver = Receiver(nonce, limits)
        deadline = time.monotonic() + limits.wall_s + GRACE_S
        ended = False
        try:
            self.connection.send(encode_job(nonce, source, limits))
            while (data := self.connection.receive(deadline)) is not None:
                result = receiver.feed(data)
                if result is not None:
                    return result
            ended = time.monotonic() < deadline
        except ConnectionError:
            if receiver.began:
                raise
            ended = True
        if ended and not receiver.began:
            raise NeverBeganError("the supervisor ended before it took its program")
        return None


class WarmSandbox(ABC):
    """A sandbox whose containers are made ready ahead; a context manager.

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
        self._pool: Pool[Warm] | None = None

    @abstractmethod
    def _start(self, slot: int, limits: Limits) -> Warm:
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

    def _execute(self, pool: Pool[Warm], source: bytes, limits: Limits) -> Execution:
        """Try another when one ended before it began: all that wait may have, at the most."""
        for _ in range(self._size):
            with suppress(NeverBeganError), pool.container(limits) as container:
                return container.execute(source, limits)
        with pool.container(limits) as container:
            return container.execute(source, limits)


def one_line(text: str) -> str:
    """Text of anybody's on one line, short and safe to print."""
    return " ".join(printable(text).split())[:_DETAIL_CHARACTERS]
