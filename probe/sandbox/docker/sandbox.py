"""The sandbox on a Docker engine: one container for one program, never used again."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Mapping
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

import docker.errors
from docker.api.client import APIClient

from probe.errors import PrerequisiteError, unknown
from probe.records import Limits
from probe.sandbox import owner
from probe.sandbox.docker import engine
from probe.sandbox.owner import Owner
from probe.sandbox.protocol import Demultiplexer
from probe.sandbox.settings import create_settings
from probe.sandbox.warm import SPARE, Connection, Warm, WarmSandbox
from probe.text import decoded


class WarmContainer(Warm):
    """One container, from its creation to its removal: it runs one program, or none.

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
        self._demultiplexer = Demultiplexer()
        try:
            client.create_container_from_config(settings, name)
            # Before it starts, so that nothing is lost.
            streams = {"stdin": 1, "stdout": 1, "stderr": 1, "stream": 1}
            self._file = client.attach_socket(name, params=streams)
        except BaseException:
            self._discard()
            raise
        end: socket.socket = getattr(self._file, "_sock", self._file)
        self.connection = Connection(end, self._demultiplexer.feed)
        try:
            client.start(name)
            self.await_ready()
        except BaseException:
            self.remove()
            raise

    def killed_for_memory(self) -> bool:
        """Whether nothing else was left to kill: the program is the kernel's first choice."""
        state = self._state()
        return bool(state["OOMKilled"] and not state["Running"])

    def last_words(self) -> str:
        """How it ended, in words, with the supervisor's own."""
        state = self._state()
        what = "it still runs" if state["Running"] else f"exit code {state['ExitCode']}"
        said = decoded(self._demultiplexer.diagnosis)
        return " ".join(f"{what} {state['Error']} {said}".split())

    def _state(self) -> dict[str, Any]:
        """What the engine knows of its end."""
        state: dict[str, Any] = self._client.inspect_container(self._name)["State"]
        return state

    def remove(self) -> None:
        """Kill whatever runs in it and remove it; an engine that is gone took it along."""
        self.connection.hang_up()
        self._discard()
        self._file.close()
        self.connection.close()

    def _discard(self) -> None:
        with suppress(docker.errors.DockerException, OSError):
            owner.remove(self._client, self._name)


class DockerSandbox(WarmSandbox):
    """Runs programs, each in a container of its own; a context manager.

    Entering removes what dead processes left behind and starts containers ahead. Leaving removes
    every container of this object, also those whose programs still run; their `execute` returns
    ``sandbox_error``.

    Parameters
    ----------
    client : docker.APIClient
        The engine; shared by all threads.
    image : str
        Content id of the image.
    slots : int, optional
        How many programs run at the same time; further calls wait. The number of cores by default.
    spare : int, optional
        How many containers there are beyond those; none for a single program.
    runtime : str, optional
        The engine's runtime to use, such as ``"runsc"``; its default when omitted.

    Raises
    ------
    PrerequisiteError
        The engine does not know the runtime.
    """

    def __init__(
        self,
        client: APIClient,
        image: str,
        *,
        slots: int | None = None,
        spare: int = SPARE,
        runtime: str | None = None,
    ) -> None:
        super().__init__(slots, spare)
        known = engine.runtimes(client)
        if runtime is not None and runtime not in known:
            raise PrerequisiteError(f"the engine has an {unknown('runtime', runtime, known)}")
        self.name = engine.describe(client, runtime)
        self.image = image
        self._client = client
        self._runtime = runtime
        self._remapped = engine.remaps_users(client)
        self._session = secrets.token_hex(6)
        self._labels = {**Owner.current().labels(), f"{owner.PREFIX}session": self._session}

    @property
    def _failures(self) -> tuple[type[Exception], ...]:
        # A request's error is an OSError too.
        return (*super()._failures, docker.errors.DockerException)

    def __enter__(self) -> Self:
        """Sweep, and begin to start containers."""
        owner.sweep(self._client)
        return super().__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Remove every container; an engine that is gone has taken them along."""
        super().__exit__(kind, error, trace)
        ours = {"label": f"{owner.PREFIX}session={self._session}"}
        with suppress(docker.errors.DockerException, OSError):
            for container in self._client.containers(all=True, filters=ours):
                owner.remove(self._client, container["Id"])

    def _start(self, slot: int, limits: Limits) -> WarmContainer:
        settings = create_settings(
            self.image,
            limits,
            slot=slot,
            labels=self._labels,
            runtime=self._runtime,
            remapped=self._remapped,
        )
        return WarmContainer(
            self._client, f"probe-{self._session}-{secrets.token_hex(6)}", settings
        )
