"""What is said between the harness and a supervisor, over whatever connects the two."""

from __future__ import annotations

import secrets
import time
from typing import Protocol

from probe.errors import ProbeError
from probe.records import Limits
from probe.sandbox.protocol import NONCE_BYTES, READY, ProtocolError, Receiver, Result, encode_job

READY_S = 90.0
"""How long a container may take until it waits for its program."""
GRACE_S = 30.0
"""What it may take beyond the program's wall time: to begin, to kill, to send."""


class NeverBeganError(ProbeError):
    """The container ended before it took its program: nothing of the program has run."""


class Connection(Protocol):
    """The harness's end."""

    def send(self, data: bytes) -> None:
        """Send everything."""
        ...

    def receive(self, deadline: float) -> bytes | None:
        """What comes next; None at the end, or when it is too late (`time.monotonic`)."""
        ...


def await_ready(connection: Connection) -> None:
    """Wait until the supervisor waits for its job.

    Raises
    ------
    ProbeError
        It ended, took too long, or said something else.
    """
    deadline = time.monotonic() + READY_S
    said = b""
    while len(said) < len(READY):
        piece = connection.receive(deadline)
        if piece is None:
            raise ProbeError("the supervisor did not get ready")
        said += piece
    if said != READY:
        raise ProtocolError("the supervisor said what is no frame of this job")


def converse(connection: Connection, source: bytes, limits: Limits) -> Result | None:
    """Send the one program and wait for its result.

    Parameters
    ----------
    connection : Connection
        To a supervisor that is ready.
    source : bytes
        The program.
    limits : Limits
        What it may use.

    Returns
    -------
    Result or None
        None when the supervisor ended or stayed silent after the program had begun.

    Raises
    ------
    NeverBeganError
        It ended before: the program can be given to another.
    ProtocolError, OSError
        It said something a supervisor never says; the connection broke.
    """
    nonce = secrets.token_bytes(NONCE_BYTES)
    receiver = Receiver(nonce, limits)
    deadline = time.monotonic() + limits.wall_s + GRACE_S
    ended = False
    try:
        connection.send(encode_job(nonce, source, limits))
        while (data := connection.receive(deadline)) is not None:
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
