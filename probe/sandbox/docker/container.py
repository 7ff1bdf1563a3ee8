"""The sandbox on a Docker engine: one container for one program, never used again."""

from __future__ import annotations

import secrets
from contextlib import suppress
from types import TracebackType
from typing import Self

import docker.errors
from docker.api.client import APIClient

from probe.errors import PrerequisiteError, unknown
from probe.records import Limits
from probe.sandbox import owner
from probe.sandbox.docker import engine
from probe.sandbox.docker.warm import WarmContainer
from probe.sandbox.owner import Owner
from probe.sandbox.pooled import SPARE, PooledSandbox
from probe.sandbox.settings import create_settings


class DockerSandbox(PooledSandbox[WarmContainer]):
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
