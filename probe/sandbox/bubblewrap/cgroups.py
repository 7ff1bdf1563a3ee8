"""Control groups of version 1, one for each program, where this process may make them.

A group is a folder in the hierarchy of each controller. Their names tell who made them, so that
those whose owner has died can be found and removed. The hierarchy is the machine's, also in a
container whose processes have numbers of their own; those outside it cannot be judged there, and
so the names tell whose numbers they hold.
"""

from __future__ import annotations

import hashlib
import itertools
import os
import signal
import time
from contextlib import suppress
from pathlib import Path

from probe.records import Limits
from probe.sandbox.owner import Owner

ROOT = Path("/sys/fs/cgroup")
CONTROLLERS = ("memory", "pids", "cpu", "cpuacct")
FOLDER = "probe"
"""Below it, in each hierarchy, lie the groups."""
EMPTY_S = 5.0
"""How long the processes of a group may take to be gone once they are killed."""

OVERHEAD = 1
"""Processes in a group that are no program's: ``bwrap``, which waits for the supervisor to end."""
_PERIOD_US = 100_000
_POLL_S = 0.005
_numbers = itertools.count()


def available() -> bool:
    """Whether groups can be made here: by root, with every controller in version 1."""
    needed = (ROOT / name / "cgroup.procs" for name in CONTROLLERS)
    limit = ROOT / "memory" / "memory.limit_in_bytes"
    return os.geteuid() == 0 and limit.exists() and all(os.access(path, os.W_OK) for path in needed)


class Group:
    """The group of one program.

    Parameters
    ----------
    limits : Limits
        What all its processes may use together.
    """

    def __init__(self, limits: Limits) -> None:
        name = f"{_prefix(Owner.current())}{next(_numbers)}"
        self.folders = {controller: ROOT / controller / FOLDER / name for controller in CONTROLLERS}
        for folder in self.folders.values():
            # Where two controllers share a hierarchy, their folders are one.
            folder.mkdir(parents=True, exist_ok=True)
        self._limit(limits)

    def _limit(self, limits: Limits) -> None:
        memory = self.folders["memory"]
        (memory / "memory.limit_in_bytes").write_text(f"{limits.memory_bytes}")
        with_swap = memory / "memory.memsw.limit_in_bytes"
        if with_swap.exists():
            with_swap.write_text(f"{limits.memory_bytes}")
        (memory / "memory.swappiness").write_text("0")
        (self.folders["pids"] / "pids.max").write_text(f"{limits.processes + OVERHEAD}")
        (self.folders["cpu"] / "cpu.cfs_period_us").write_text(f"{_PERIOD_US}")
        (self.folders["cpu"] / "cpu.cfs_quota_us").write_text(f"{_PERIOD_US}")

    def remove(self) -> None:
        """Kill what is left in the group, and remove it.

        Raises
        ------
        OSError
            A process will not go.
        """
        for folder in self.folders.values():
            _remove(folder)

    def add(self, pid: int) -> None:
        """Put a process into the group, and with it all that it starts from now on."""
        for folder in self.folders.values():
            (folder / "cgroup.procs").write_text(f"{pid}")

    def killed_for_memory(self) -> bool:
        """Whether the kernel ended any of its processes to make room."""
        told = (self.folders["memory"] / "memory.oom_control").read_text().split()
        return int(told[told.index("oom_kill") + 1]) > 0


def all_groups() -> list[str]:
    """The names of all groups there are, each beginning with its owner's process id."""
    folders = (ROOT / name / FOLDER for name in CONTROLLERS)
    return sorted({path.name for folder in folders for path in folder.glob("*-*-*-*/")})


def own_groups() -> list[str]:
    """The names of the groups of this process."""
    mine = _prefix(Owner.current())
    return [name for name in all_groups() if name.startswith(mine)]


def sweep() -> int:
    """Remove the groups that owners left behind when they died; returns how many."""
    me = Owner.current()
    removed = 0
    for name in all_groups():
        pid, started, numbering, _ = name.split("-")
        if numbering == _numbering(me) and Owner(me.machine, int(pid), started).is_dead():
            for controller in CONTROLLERS:
                _remove(ROOT / controller / FOLDER / name)
            removed += 1
    return removed


def _prefix(owner: Owner) -> str:
    return f"{owner.pid}-{owner.started}-{_numbering(owner)}-"


def _numbering(owner: Owner) -> str:
    """A short name for the machine, and for which of its process numberings the owner's is."""
    return hashlib.sha256(owner.machine.encode()).hexdigest()[:8]


def _remove(folder: Path) -> None:
    deadline = time.monotonic() + EMPTY_S
    while True:
        try:
            folder.rmdir()
        except FileNotFoundError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            with suppress(OSError):
                for pid in (folder / "cgroup.procs").read_text().split():
                    os.kill(int(pid), signal.SIGKILL)
            time.sleep(_POLL_S)
        else:
            return
