"""The sandbox for Linux without Docker: namespaces made by bubblewrap, the same supervisor inside.

Limits are kept by control groups where this process can make them (as root, in version 1).
Elsewhere they are kept by each process's own limits and a supervisor that watches ``/proc``, which
holds less tightly: the sandbox's name says which, ``cgroups`` or ``rlimits``.
"""

from __future__ import annotations

import os
import socket
import subprocess
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, Self

from probe.errors import PrerequisiteError, ProbeError
from probe.records import Limits, Outcome
from probe.sandbox.bubblewrap import cgroups, jail
from probe.sandbox.bubblewrap.cgroups import Group
from probe.sandbox.bubblewrap.ground import Ground
from probe.sandbox.seccomp import compiled, profile
from probe.sandbox.settings import FIRST_UID, MASKED
from probe.sandbox.warm import GRACE_S, SPARE, Connection, Warm, WarmSandbox, one_line
from probe.text import decoded

BWRAP_ENVIRONMENT = {"PATH": f"{os.defpath}:/usr/sbin:/sbin"}
"""For bubblewrap itself: nothing of the harness's environment gets even that far."""
HANG_UP_S = 2.0
"""How long a supervisor may take to end once nobody listens to it any more."""
_LAST_WORDS_BYTES = 4 << 10
_HOW_TO_ALLOW = (
    "unprivileged user namespaces must be allowed"
    " (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns)"
)


class WarmJail(Warm):
    """One jail, from its start to its end: it runs one program, or none.

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
        self.connection = Connection(ours)
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
            self.await_ready()
        except BaseException:
            self.remove()
            raise

    def _begin(self) -> None:
        """Let it begin, once it is in its group; it says its process id and waits for a line."""
        told = self.connection.receive(time.monotonic() + GRACE_S)
        if told is None or not told.strip().isdigit():
            raise ProbeError(f"bubblewrap did not begin: {self.last_words()}")
        if self._group:
            self._group.add(int(told))
        self.connection.send(b"\n")

    def killed_for_memory(self) -> bool:
        """Whether the kernel ended any of its processes to make room."""
        return self._group is not None and self._group.killed_for_memory()

    def last_words(self) -> str:
        """What ``bwrap`` or the supervisor said about itself, once it has ended."""
        self.connection.hang_up()
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
        self.connection.hang_up()
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
            self.connection.close()


class BubblewrapSandbox(WarmSandbox):
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
        self._filter = compiled(profile())
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


def _in_memory(content: bytes) -> BinaryIO:
    """A file that has no name, to be read from its beginning."""
    file = os.fdopen(os.memfd_create("content"), "w+b", buffering=0)
    file.write(content)
    file.seek(0)
    return file
