"""The sandbox for Linux without Docker: namespaces made by bubblewrap, the same supervisor inside.

Limits are kept by control groups where this process can make them (as root, in version 1).
Elsewhere they are kept by each process's own limits and a supervisor that watches ``/proc``, which
holds less tightly: the sandbox's name says which, ``cgroups`` or ``rlimits``.
"""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Self

from probe.errors import PrerequisiteError
from probe.records import Limits, Outcome
from probe.sandbox import bpf
from probe.sandbox.bubblewrap import cgroups, jail
from probe.sandbox.bubblewrap.cgroups import Group
from probe.sandbox.bubblewrap.ground import Ground
from probe.sandbox.bubblewrap.warm_jail import BWRAP_ENVIRONMENT, WarmJail
from probe.sandbox.pooled import SPARE, PooledSandbox
from probe.sandbox.seccomp import profile
from probe.sandbox.settings import FIRST_UID, MASKED

_HOW_TO_ALLOW = (
    "unprivileged user namespaces must be allowed"
    " (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)"
)


class BubblewrapSandbox(PooledSandbox[WarmJail]):
    """Runs programs, each in namespaces of its own; a context manager.

    Entering removes what dead processes left behind, starts sandboxes ahead and tries one out.
    Leaving ends every program that still runs; its `execute` returns ``sandbox_error``.

    Parameters
    ----------
    slots : int, optional
        How many programs run at the same time; further calls wait. The number of cores by default.
    spare : int, optional
        How many sandboxes there are beyond those; none for a single program.
    grouped : bool, optional
        Whether control groups keep the limits; by default, where they can be made.

    Raises
    ------
    PrerequisiteError
        Something that it is made of is missing.
    """

    def __init__(
        self, *, slots: int | None = None, spare: int = SPARE, grouped: bool | None = None
    ) -> None:
        super().__init__(slots, spare)
        self._grouped = cgroups.available() if grouped is None else grouped
        self.name = f"{version()} {'cgroups' if self._grouped else 'rlimits'}"
        self._ground = Ground.find()
        self.image = self._ground.image
        self._filter = bpf.compiled(profile())
        self._hidden = [
            path for path in map(Path, MASKED) if path.is_relative_to("/proc") and path.exists()
        ]

    def __enter__(self) -> Self:
        """Sweep, and make sure that programs can be run."""
        if self._grouped:
            cgroups.sweep()
        super().__enter__()
        tried = self.execute("pass", Limits())
        if tried.outcome is Outcome.SANDBOX_ERROR:
            self.__exit__(None, None, None)
            raise PrerequisiteError(
                f"bubblewrap cannot make a sandbox here: {tried.detail}; {_HOW_TO_ALLOW}"
            )
        return self

    def _start(self, slot: int, limits: Limits) -> WarmJail:
        """A sandbox that waits for its program."""
        group = Group(limits) if self._grouped else None
        watched = () if group else (limits.memory_bytes, limits.processes)
        content = jail.Content(
            ground=self._ground,
            groups=group.folders if group else {},
            hidden=tuple(self._hidden),
            watched=watched,
        )
        return WarmJail(content, self._filter, FIRST_UID + slot, group)


def version() -> str:
    """Which bubblewrap this is, as ``bubblewrap 0.8.0``.

    Raises
    ------
    PrerequisiteError
        There is none.
    """
    try:
        said = subprocess.run(
            ["bwrap", "--version"],
            capture_output=True,
            text=True,
            check=True,
            env=BWRAP_ENVIRONMENT,
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise PrerequisiteError(
            "bubblewrap is missing; install it (Debian: `apt-get install bubblewrap`)"
        ) from error
    return said.stdout.strip()
