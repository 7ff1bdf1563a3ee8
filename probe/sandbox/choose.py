"""The sandbox that was asked for by name."""

from __future__ import annotations

import json
import platform

from probe.errors import PrerequisiteError, UsageError, unknown
from probe.sandbox import Sandbox
from probe.sandbox.attacks.verify import Venue, docker_venue
from probe.sandbox.bubblewrap import cgroups
from probe.sandbox.bubblewrap.sandbox import BubblewrapSandbox
from probe.sandbox.docker import engine, image
from probe.sandbox.docker.sandbox import DockerSandbox
from probe.sandbox.warm import SPARE

KINDS = ("docker", "bubblewrap")
"""What ``--sandbox`` may say."""


def open_sandbox(kind: str, *, slots: int | None = None, runtime: str | None = None) -> Sandbox:
    """Prepare a sandbox; it is open inside its ``with`` block.

    Parameters
    ----------
    kind : str
        One of `KINDS`.
    slots : int, optional
        How many programs run at the same time; the number of cores by default. With one, none is
        made ready for a next program.
    runtime : str, optional
        Docker's runtime to use, such as ``"runsc"``; the engine's default when omitted.

    Returns
    -------
    Sandbox

    Raises
    ------
    UsageError
        There is no such kind, or it has no runtimes.
    PrerequisiteError
        No engine answers, its image is missing, or bubblewrap cannot be used; says what to do.
    """
    _check(kind, runtime)
    spare = 0 if slots == 1 else SPARE
    if kind == "bubblewrap":
        return BubblewrapSandbox(slots=slots, spare=spare)
    client = engine.connect()
    return DockerSandbox(client, image.require(client), slots=slots, spare=spare, runtime=runtime)


def open_venue(kind: str, *, runtime: str | None = None) -> Venue:
    """The same, to be tested by `probe.sandbox.attacks.verify`, with a slot for each core.

    Raises
    ------
    UsageError, PrerequisiteError
        As `open_sandbox` does.
    """
    _check(kind, runtime)
    if kind == "bubblewrap":
        sandbox, home = BubblewrapSandbox(), engine.Home.find()
        return Venue(
            open=BubblewrapSandbox,
            identity=json.dumps([sandbox.name, sandbox.image, platform.release()]),
            leftovers=cgroups.own_groups,
            foreign=_containers,
            passing=("/var/lib/docker", str(home.data), "/run/docker", str(home.run)),
        )
    client = engine.connect()
    return docker_venue(client, image.require(client), runtime=runtime)


def _containers() -> list[str]:
    """Containers of a Docker engine that runs here too; none of them is this sandbox's."""
    try:
        return [container["Id"] for container in engine.connect().containers(all=True)]
    except PrerequisiteError:
        return []


def _check(kind: str, runtime: str | None) -> None:
    if kind not in KINDS:
        raise UsageError(unknown("sandbox", kind, KINDS))
    if runtime is not None and kind != "docker":
        raise UsageError(f"the runtime {runtime!r} is Docker's; there is none with {kind!r}")
