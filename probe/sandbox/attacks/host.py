"""What a hostile program might change on the machine that runs it, looked at before and after.

A sandbox that holds leaves no process behind, touches no file, mounts nothing, and changes neither
the network nor the kernel's settings.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from probe.sandbox.settings import FIRST_UID

UIDS = range(FIRST_UID, FIRST_UID + 4096)
"""Users that programs run as; nobody else on the machine has such a number."""
MARKER = "probe-escaped"
"""Name of the file that attacks try to leave wherever they can."""
SETTLE_S = 2.0
"""How long the engine may take to clear away what belonged to containers that are gone."""

_MARKED = ("/", "/etc", "/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue", "/run", "/root", ".")
_SETTINGS = (
    *("hostname", "domainname", "core_pattern", "modprobe", "randomize_va_space"),
    *("dmesg_restrict", "kptr_restrict", "shmmax"),
)
_POLL_S = 0.1
_ENGINE = "containerd-shim"
"""What Docker's containers, and whatever escapes from them, have for a parent."""
_JAILER = "bwrap"


@dataclass(frozen=True)
class Surroundings:
    """Which parts of the machine to look at.

    Parameters
    ----------
    canaries : Path
        A folder of files nobody has a reason to touch.
    passing : tuple of str
        Folders below which the engine mounts and unmounts as containers come and go.
    foreign : callable
        Ids of containers that belong to others; their processes are no strays.
    proc : Path
        Where the kernel tells about itself.
    """

    canaries: Path
    passing: tuple[str, ...] = ()
    foreign: Callable[[], Iterable[str]] = field(default=tuple)
    proc: Path = Path("/proc")

    def look(self) -> Snapshot:
        """See how things are now."""
        return Snapshot(
            {
                "file": dict(self._files()),
                "mount": dict(self._mounts()),
                "network": dict(self._network()),
                "kernel setting": dict(self._kernel()),
                "stray process": dict(self._strays()),
            }
        )

    def changes_since(self, before: Snapshot) -> tuple[str, ...]:
        """What is different now, a line each; what is about to pass gets `SETTLE_S` to do so."""
        deadline = time.monotonic() + SETTLE_S
        while (found := before.differences(self.look())) and time.monotonic() < deadline:
            time.sleep(_POLL_S)
        return found

    def _files(self) -> Iterator[tuple[str, str]]:
        for path in sorted(self.canaries.rglob("*")):
            found = path.lstat()
            content = path.read_bytes() if path.is_file() else b""
            digest = hashlib.sha256(content).hexdigest()
            yield str(path), f"{found.st_mode:o} {found.st_uid} {found.st_mtime_ns} {digest}"
        for folder in _MARKED:
            path = Path(folder, MARKER)
            if path.exists() or path.is_symlink():
                yield str(path), "there"

    def _mounts(self) -> Iterator[tuple[str, str]]:
        """Mount points that last; see proc_pid_mountinfo(5)."""
        for line in self._lines("self/mountinfo"):
            words = line.split()
            point, options, source = words[4], words[5], " ".join(words[words.index("-") + 1 :])
            if not any(Path(point).is_relative_to(folder) for folder in self.passing):
                yield point, f"{options} {source}"

    def _network(self) -> Iterator[tuple[str, str]]:
        """Interfaces and routes, without their counters."""
        for line in self._lines("net/dev")[2:]:
            yield line.split(":")[0].strip(), "interface"
        for line in self._lines("net/route")[1:]:
            words = line.split()
            yield f"IPv4 route {words[0]} {words[1]}/{words[7]}", words[2]
        for line in self._lines("net/ipv6_route"):
            words = line.split()
            yield f"IPv6 route {words[-1]} {words[0]}/{words[1]}", words[4]

    def _kernel(self) -> Iterator[tuple[str, str]]:
        for name in _SETTINGS:
            yield name, "".join(self._lines(f"sys/kernel/{name}"))

    def _strays(self) -> Iterator[tuple[str, str]]:
        foreign = tuple(self.foreign())
        for folder in self.proc.glob("[0-9]*"):
            status = self._status(folder.name)
            if not _of_a_sandbox(status) or self._has_another_owner(status):
                continue
            groups = "".join(self._lines(f"{folder.name}/cgroup"))
            if not any(container in groups for container in foreign):
                yield f"{folder.name} ({status.get('Name', '?')})", status["Uid"].split()[0]

    def _has_another_owner(self, status: dict[str, str]) -> bool:
        """Whether the process descends from somebody who lives and is neither us nor an engine."""
        parent = ""
        while _of_a_sandbox(status) or _name(status) == _JAILER:
            parent = status.get("PPid", "1").strip()
            status = self._status(parent)
        return parent not in ("0", "1", str(os.getpid())) and not _name(status).startswith(_ENGINE)

    def _status(self, pid: str) -> dict[str, str]:
        lines = self._lines(f"{pid}/status")
        return dict(line.split(":\t", 1) for line in lines if ":\t" in line)

    def _lines(self, name: str) -> list[str]:
        """A small file of the kernel's, and nothing where there is none."""
        try:
            return (self.proc / name).read_text(errors="replace").splitlines()
        except OSError:
            return []


def _name(status: dict[str, str]) -> str:
    return status.get("Name", "").strip()


def _of_a_sandbox(status: dict[str, str]) -> bool:
    return int(status.get("Uid", "-1").split()[0]) in UIDS


@dataclass(frozen=True)
class Snapshot:
    """How things were at one time: by kind, the name of each thing and its state."""

    things: dict[str, dict[str, str]]

    def differences(self, after: Snapshot) -> tuple[str, ...]:
        """What came, went or became something else, a line each."""
        found = []
        for kind, old in self.things.items():
            new = after.things[kind]
            for name in sorted(old.keys() | new.keys()):
                if name not in old:
                    found.append(f"{kind} {name} has appeared")
                elif name not in new:
                    # A process that was there before and ended is as it should be.
                    if kind != "stray process":
                        found.append(f"{kind} {name} has gone")
                elif old[name] != new[name]:
                    found.append(f"{kind} {name} was changed: {old[name]} to {new[name]}")
        return tuple(found)
