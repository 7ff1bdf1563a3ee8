"""Who started a container, so that those whose owner has died can be found and removed."""

from __future__ import annotations

import os
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import docker.errors
from docker.api.client import APIClient

PREFIX = "probe.sandbox."


@dataclass(frozen=True)
class Owner:
    """One process of one machine; its start time tells it from a later one of the same number."""

    machine: str
    pid: int
    started: str

    @classmethod
    def current(cls) -> Owner:
        """This process."""
        return cls(_machine(), os.getpid(), _started(os.getpid()) or "")

    @classmethod
    def of(cls, labels: dict[str, str]) -> Owner | None:
        """The owner a container's labels name; None when they name none."""
        try:
            machine, pid, started = (
                labels[PREFIX + name] for name in ("machine", "pid", "started")
            )
            return cls(machine, int(pid), started)
        except (KeyError, ValueError):
            return None

    def labels(self) -> dict[str, str]:
        """The labels that name this owner."""
        named = {"machine": self.machine, "pid": str(self.pid), "started": self.started}
        return {PREFIX + name: value for name, value in named.items()}

    def is_dead(self) -> bool:
        """Whether it surely does not run any more; other machines' processes cannot be judged."""
        if self.machine != _machine():
            return False
        started = _started(self.pid)
        return started is None or bool(started and self.started and started != self.started)


def sweep(client: APIClient) -> int:
    """Remove the containers that owners left behind when they died.

    Parameters
    ----------
    client : docker.APIClient
        The engine to sweep; nothing but probe's containers is touched.

    Returns
    -------
    int
        How many were removed.
    """
    removed = 0
    for container in client.containers(all=True, filters={"label": PREFIX + "pid"}):
        owner = Owner.of(container["Labels"])
        if owner and owner.is_dead():
            removed += remove(client, container["Id"])
    return removed


def remove(client: APIClient, container: str) -> bool:
    """Kill and remove a container; False when it was gone, or about to be, without our doing."""
    with suppress(docker.errors.APIError):
        client.remove_container(container, force=True, v=True)
        return True
    return False


def _machine() -> str:
    """This machine, and which of its process numberings: a container has one of its own."""
    try:
        numbering = Path("/proc/self/ns/pid").readlink().name
    except OSError:
        numbering = ""
    return f"{socket.gethostname()} {numbering}".strip()


def _started(pid: int) -> str | None:
    """When a process began, in the kernel's ticks; None if it is not there, empty if unreadable."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    try:
        state = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return ""
    # The name, in parentheses, may hold anything; the start is the 20th word after it.
    return state.rpartition(")")[2].split()[19]
