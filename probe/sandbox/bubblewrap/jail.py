"""The settings of a bubblewrap sandbox, each a literal, all in one pure function.

They are the command line of ``bwrap``. What each buys, and what it lacks beside a container, is
told in ``sandbox/README.md``.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from probe.sandbox.bubblewrap.ground import HOME, PYTHON, Ground
from probe.sandbox.settings import ENVIRONMENT, IDLE_S

STAGE = Path("/stage")
"""Where the outer sandbox shows what the inner one is made of."""
HOSTNAME = "sandbox"
VARIABLES: Mapping[str, str] = {**ENVIRONMENT, "PATH": f"{PYTHON.parent}:{ENVIRONMENT['PATH']}"}
"""Everything a program finds in its environment."""

FOLDERS: Mapping[str, str] = {
    "/tmp": "size=64m,nr_inodes=2048",
    "/job": "size=2m,nr_inodes=64",
    "/out": "size=32m,nr_inodes=16",
    "/dev/shm": "size=8m,nr_inodes=1024",
}
"""The folders a program can write, and what they hold."""
TMPFS = "noexec,nosuid,nodev,mode=1777"

_AS_ROOT = ("--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID")
_AS_ANYBODY = ("--unshare-user", "--cap-add", "CAP_SYS_ADMIN")


@dataclass(frozen=True)
class Content:
    """What is in a sandbox."""

    ground: Ground
    """What programs stand on."""
    groups: Mapping[str, Path]
    """By controller, the folder of the program's control group; may be empty."""
    hidden: tuple[Path, ...]
    """Files and folders of ``/proc`` to be covered."""
    watched: tuple[int, ...]
    """Without control groups, what the supervisor watches over: bytes of memory, processes."""

    @property
    def config(self) -> bytes:
        """The virtual environment's configuration."""
        return self.ground.config


def command(content: Content, seccomp: int, config: int, user: int) -> list[str]:
    """Command line of the sandbox for one program.

    Two sandboxes are put into one another. The outer one gathers what the inner one is made of:
    files, under names that everybody can reach wherever they lie, and file systems with limits
    that ``bwrap`` cannot set. It says its process id on stdout and waits for a line on stdin, so
    that it can be put into a control group. Its processes end with it, whoever they belong to. The
    inner one is made by a user without privileges, and is the one that holds.

    If this process is not root, the outer sandbox has a user namespace too, and the program is this
    process's user, under another number.

    Parameters
    ----------
    content : Content
        What is in it.
    seccomp : int
        Descriptor of the filter of system calls.
    config : int
        Descriptor of the virtual environment's configuration.
    user : int
        Who the program is: inside, and if this process is root also outside.

    Returns
    -------
    list of str
    """
    root = os.geteuid() == 0
    binds = [*content.ground.binds]
    binds += [(folder, Path("/sys/fs/cgroup", name)) for name, folder in content.groups.items()]
    staged = [(STAGE / str(number), place) for number, (_, place) in enumerate(binds)]
    shown = [(source, name) for (source, _), (name, _) in zip(binds, staged, strict=True)]
    folders = chain.from_iterable(("--dir", str(_staged(folder))) for folder in FOLDERS)
    privileges = _AS_ROOT if root else _AS_ANYBODY
    becoming = (f"--reuid={user}", f"--regid={user}", f"--groups={user}") if root else ()
    return [
        *("bwrap", "--unshare-pid", "--die-with-parent", "--cap-drop", "ALL", *privileges),
        *("--perms", "0755", "--dir", str(STAGE), "--dir", "/tmp", *folders),
        *("--ro-bind", "/usr", "/usr", *_links(content), *_binds(shown)),
        *("--bind", "/proc", "/proc", "--dev-bind", "/dev", "/dev", "--remount-ro", "/"),
        *("--", "/bin/sh", "-c", _gather(), "sh"),
        *("setpriv", "--inh-caps=-all", "--ambient-caps=-all", *becoming, "--"),
        *("bwrap", *_inner(content), "--uid", str(user), "--gid", str(user)),
        *_binds(staged),
        *("--ro-bind-data", str(config), str(PYTHON.parents[1] / "pyvenv.cfg")),
        *("--remount-ro", "/", "--seccomp", str(seccomp), "--"),
        *(str(PYTHON), "-I", "-S", "-B", str(HOME / "jailed.py"), str(IDLE_S)),
        *map(str, content.watched),
    ]


def _gather() -> str:
    """What the outer sandbox does, before it becomes the inner one.

    Its own ``$$`` is a number in its own namespace; ``/proc``, being the machine's, knows better.
    The inner ``bwrap`` looks there for a child that it knows by its number in this namespace, and
    so finds some other process or none: it gets a ``/proc`` of the namespace.
    """
    own = "mount -n -t proc -o nosuid,nodev,noexec proc /proc"
    mounts = (
        f"mount -n -t tmpfs -o {TMPFS},{limits} tmpfs {_staged(folder)}"
        for folder, limits in FOLDERS.items()
    )
    return " && ".join(
        ("read -r pid _ < /proc/self/stat", 'echo "$pid"', "read -r _", own, *mounts, 'exec "$@"')
    )


def _inner(content: Content) -> Iterable[str]:
    """The part of the inner sandbox that is the same for every program."""
    folders = (("--bind", str(_staged(folder)), folder) for folder in FOLDERS)
    environment = (("--setenv", name, value) for name, value in VARIABLES.items())
    cover = (
        ("--tmpfs", str(path), "--remount-ro", str(path))
        if path.is_dir()
        else ("--ro-bind", "/dev/null", str(path))
        for path in content.hidden
    )
    return (
        *("--unshare-all", "--unshare-user", "--disable-userns", "--hostname", HOSTNAME),
        *("--cap-drop", "ALL", "--new-session", "--die-with-parent", "--as-pid-1"),
        *("--clearenv", *chain.from_iterable(environment), "--chdir", "/out", *_links(content)),
        *("--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", *chain.from_iterable(cover)),
        *("--dev", "/dev", *chain.from_iterable(folders), "--remount-ro", "/dev"),
    )


def _staged(folder: str) -> Path:
    """Where the outer sandbox has one of `FOLDERS`."""
    return STAGE / folder.strip("/").replace("/", "-")


def _binds(pairs: Iterable[tuple[Path, Path]]) -> Iterable[str]:
    return chain.from_iterable(("--ro-bind", str(source), str(place)) for source, place in pairs)


def _links(content: Content) -> Iterable[str]:
    return chain.from_iterable(("--symlink", to, place) for to, place in content.ground.links)
