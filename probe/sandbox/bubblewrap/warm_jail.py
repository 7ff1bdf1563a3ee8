"""One bubblewrap sandbox, from its start to its end: it runs one program, or none."""

from __future__ import annotations

import os
import select
import socket
import subprocess
import threading
import time
from contextlib import suppress
from typing import BinaryIO

from probe.errors import ProbeError
from probe.records import Limits, Outcome
from probe.sandbox import Execution
from probe.sandbox.bubblewrap import jail
from probe.sandbox.bubblewrap.cgroups import Group
from probe.sandbox.conversation import GRACE_S, await_ready, converse
from probe.sandbox.protocol import Result
from probe.sandbox.reading import one_line
from probe.text import decoded

BWRAP_ENVIRONMENT = {"PATH": f"{os.defpath}:/usr/sbin:/sbin"}
"""For bubblewrap itself: nothing of the harness's environment gets even that far."""
HANG_UP_S = 2.0
"""How long a supervisor may take to end once nobody listens to it any more."""
_RECEIVE_BYTES = 256 << 10
_LAST_WORDS_BYTES = 4 << 10


class WarmJail:
    """A started sandbox that waits for its program, with the interpreter up and numpy imported.

    Parameters
    ----------
    content : Content
        What is in it.
    seccomp : bytes
        The filter of system calls.
    user : int
        Who the program is.
    group : Group or None
        The control group that keeps its limits; removed with it.

    Raises
    ------
    ProbeError, OSError
        It could not be started, or did not get ready; nothing is left of it.
    """

    def __init__(
        self, content: jail.Content, seccomp: bytes, user: int, group: Group | None
    ) -> None:
        self._group = group
        self._process: subprocess.Popen[bytes] | None = None
        self._ending = threading.Lock()
        self._stderr = _in_memory(b"")
        ours, theirs = socket.socketpair()
        self._socket = ours
        try:
            with theirs, _in_memory(seccomp) as filter_, _in_memory(content.config) as config:
                command = jail.command(content, filter_.fileno(), config.fileno(), user)
                self._process = subprocess.Popen(
                    command,
                    stdin=theirs.fileno(),
                    stdout=theirs.fileno(),
                    stderr=self._stderr.fileno(),
                    env=BWRAP_ENVIRONMENT,
                    pass_fds=(filter_.fileno(), config.fileno()),
                )
            self._begin()
            await_ready(self)
        except ProbeError as error:
            said = self.last_words()
            self.remove()
            raise ProbeError(f"{error}: {said}") from None
        except BaseException:
            self.remove()
            raise

    def _begin(self) -> None:
        """Let it begin, once it is in its group; it says its process id and waits for a line."""
        told = self.receive(time.monotonic() + GRACE_S)
        if told is None or not told.strip().isdigit():
            raise ProbeError("bubblewrap did not begin")
        if self._group:
            self._group.add(int(told))
        self.send(b"\n")

    def send(self, data: bytes) -> None:
        """Send everything to its stdin."""
        self._socket.settimeout(GRACE_S)
        self._socket.sendall(data)

    def receive(self, deadline: float) -> bytes | None:
        """What comes next on its stdout; None at its end, or when it is too late."""
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        self._socket.settimeout(left)
        try:
            return self._socket.recv(_RECEIVE_BYTES) or None
        except TimeoutError:
            return None

    def waits(self) -> bool:
        """Whether it still waits for its program: it has neither ended nor said anything."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return not poll.poll(0)

    def run(self, source: bytes, limits: Limits) -> Result | None:
        """Send the one program and wait for its result, as `converse` does."""
        return converse(self, source, limits)

    def without_result(self, limits: Limits) -> Execution:
        """The supervisor did not report; the kernel took it last, or it failed."""
        if self._group is not None and self._group.killed_for_memory():
            detail = f"the whole sandbox was killed for memory ({limits.memory_bytes} bytes)"
            return Execution(outcome=Outcome.MEMORY_LIMIT, detail=detail)
        detail = f"the sandbox gave no result: {self.last_words()}"
        return Execution(outcome=Outcome.SANDBOX_ERROR, detail=one_line(detail))

    def last_words(self) -> str:
        """What ``bwrap`` or the supervisor said about itself, once it has ended."""
        self._hang_up()
        with self._ending:
            if self._process is None or self._stderr.closed:
                return "it was ended"
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(HANG_UP_S)
            self._stderr.seek(0)
            said = one_line(decoded(self._stderr.read(_LAST_WORDS_BYTES)))
            return said or f"exit code {self._process.poll()}"

    def remove(self) -> None:
        """End it, whatever it does, and remove its group."""
        self._hang_up()
        with self._ending:
            if self._process is not None:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(HANG_UP_S)
                self._process.kill()
                self._process.wait()
            if self._group is not None:
                with suppress(OSError):  # a process that will not go; the next sweep finds it
                    self._group.remove()
            self._stderr.close()
            self._socket.close()

    def _hang_up(self) -> None:
        """End the conversation: for the supervisor, and for a thread that waits for its words."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)


def _in_memory(content: bytes) -> BinaryIO:
    """A file that has no name, to be read from its beginning."""
    file = os.fdopen(os.memfd_create("content"), "w+b", buffering=0)
    file.write(content)
    file.seek(0)
    return file
