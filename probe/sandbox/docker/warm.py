"""One container, from its creation to its removal: it runs one program, or none."""

from __future__ import annotations

import select
import socket
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import docker.errors
from docker.api.client import APIClient

from probe.errors import ProbeError
from probe.records import Limits, Outcome
from probe.sandbox import Execution, owner
from probe.sandbox.conversation import GRACE_S, await_ready, converse
from probe.sandbox.protocol import Demultiplexer, Result
from probe.sandbox.reading import one_line
from probe.text import decoded

_RECEIVE_BYTES = 256 << 10


class WarmContainer:
    """A started container that waits for its program, with the interpreter up and numpy imported.

    Parameters
    ----------
    client : docker.APIClient
        The engine.
    name : str
        What to call it. Named by us, it can be removed even when the answer to its creation is
        lost.
    settings : mapping
        The body of the request that creates it, see `probe.sandbox.settings`.

    Raises
    ------
    ProbeError, docker.errors.DockerException, OSError
        It could not be started, or did not get ready; nothing is left of it.
    """

    def __init__(self, client: APIClient, name: str, settings: Mapping[str, Any]) -> None:
        self._client = client
        self._name = name
        self._attachment: _Attachment | None = None
        try:
            client.create_container_from_config(settings, name)
            self._attachment = _Attachment(client, name)
            client.start(name)
            self._await_ready(self._attachment)
        except BaseException:
            self.remove()
            raise

    def _await_ready(self, attachment: _Attachment) -> None:
        try:
            await_ready(attachment)
        except ProbeError as error:
            raise ProbeError(f"{error}: {self._ending()}") from None

    def waits(self) -> bool:
        """Whether it still waits for its program: it has neither ended nor said anything."""
        return self._attachment is not None and not self._attachment.has_news()

    def run(self, source: bytes, limits: Limits) -> Result | None:
        """Send the one program and wait for its result, as `converse` does.

        Memory and processes of `limits` must be those of the container's settings.
        """
        assert self._attachment
        return converse(self._attachment, source, limits)

    def without_result(self, limits: Limits) -> Execution:
        """The supervisor did not report. Only memory takes it from outside the program's reach.

        The kernel prefers the program as a victim, so this happens only when nothing else was left
        to kill; the engine's word for it counts where the supervisor has none.
        """
        state = self._state()
        if state["OOMKilled"] and not state["Running"]:
            detail = f"the whole container was killed for memory ({limits.memory_bytes} bytes)"
            return Execution(outcome=Outcome.MEMORY_LIMIT, detail=detail)
        detail = f"the container gave no result: {self._ending()}"
        return Execution(outcome=Outcome.SANDBOX_ERROR, detail=one_line(detail))

    def _state(self) -> dict[str, Any]:
        """What the engine knows of its end."""
        state: dict[str, Any] = self._client.inspect_container(self._name)["State"]
        return state

    def _ending(self) -> str:
        """How it ended, in words, with the supervisor's last ones."""
        state = self._state()
        what = "it still runs" if state["Running"] else f"exit code {state['ExitCode']}"
        diagnosis = decoded(self._attachment.diagnosis) if self._attachment else ""
        return " ".join(f"{what} {state['Error']} {diagnosis}".split())

    def remove(self) -> None:
        """Kill whatever runs in it and remove it; an engine that is gone took it along."""
        if self._attachment:
            self._attachment.hang_up()
        with suppress(docker.errors.DockerException, OSError):
            owner.remove(self._client, self._name)
        if self._attachment:
            self._attachment.close()


class _Attachment:
    """The connection to a container's streams; made before it starts, so that nothing is lost."""

    def __init__(self, client: APIClient, container: str) -> None:
        self._file = client.attach_socket(
            container, params={"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
        )
        self._socket: socket.socket = getattr(self._file, "_sock", self._file)
        self._demultiplexer = Demultiplexer()

    @property
    def diagnosis(self) -> bytes:
        """What the supervisor said about itself."""
        return self._demultiplexer.diagnosis

    def has_news(self) -> bool:
        """Whether something has come in, be it the end."""
        poll = select.poll()
        poll.register(self._socket, select.POLLIN)
        return bool(poll.poll(0))

    def send(self, data: bytes) -> None:
        """Send everything to the container's stdin."""
        self._socket.settimeout(GRACE_S)
        self._socket.sendall(data)

    def receive(self, deadline: float) -> bytes | None:
        """What comes next on the container's stdout; None at its end, or when it is too late."""
        left = deadline - time.monotonic()
        if left <= 0:
            return None
        self._socket.settimeout(left)
        try:
            data = self._socket.recv(_RECEIVE_BYTES)
        except TimeoutError:
            return None
        return self._demultiplexer.feed(data) if data else None

    def hang_up(self) -> None:
        """End the conversation: for the container, and for a thread that waits for its words."""
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Give the connection's descriptor back."""
        self._file.close()
        self._socket.close()
