"""What a Debian-like host offers: its package manager, and the mirror that it uses itself."""

from __future__ import annotations

import os
import platform
import shutil
import ssl
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from probe.errors import PrerequisiteError

Say = Callable[[str], None]
"""Takes one line of progress."""

RELEASE = "bookworm"
"""The Debian release programs run on."""

_LOCK_WAIT_S = 300
_PROXIES = {
    "http_proxy": "Acquire::http::Proxy",
    "https_proxy": "Acquire::https::Proxy",
    "no_proxy": None,
}
"""Variables of the environment, and what apt calls the same."""


def find_program(name: str) -> str | None:
    """Path of a program; the folders of the administrator count even when PATH lacks them."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin")


def is_debian_like() -> bool:
    """Whether this host is Debian or says that it is like it."""
    try:
        about = platform.freedesktop_os_release()
    except OSError:
        return False
    return "debian" in {about["ID"], *about.get("ID_LIKE", "").split()}


def can_install() -> bool:
    """Whether packages can be installed here: Debian-like, and root."""
    return is_debian_like() and os.geteuid() == 0


def install(program: str, *packages: str, say: Say) -> str:
    """Make sure that a program is there, from packages when it is not.

    What counts is the program, not how the installation went: a package whose service cannot be
    started on a host without an init system is good enough.

    Parameters
    ----------
    program : str
        What is needed, such as ``"dockerd"``.
    *packages : str
        What brings it.
    say : callable
        Takes one line of progress.

    Returns
    -------
    str
        The program's path.

    Raises
    ------
    PrerequisiteError
        The program is not there, and did not come.
    """
    there = find_program(program)
    if there:
        return there
    wanted = " ".join(packages)
    if not can_install():
        raise PrerequisiteError(f"{program} is missing; install {wanted} as root")
    said = ""
    for arguments in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        say(f"apt-get {arguments[0]} ({wanted})")
        said = _apt_get(*arguments)
    there = find_program(program)
    if there is None:
        raise PrerequisiteError(f"apt-get could not install {wanted}: {said or 'no reason given'}")
    return there


def _apt_get(*arguments: str) -> str:
    """Run apt-get; its last words when it fails, and nothing when it does not."""
    options = ["-q", "-o", f"DPkg::Lock::Timeout={_LOCK_WAIT_S}"]
    done = subprocess.run(
        ["apt-get", *options, *arguments],
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    return last_line(done.stderr or done.stdout) if done.returncode else ""


def last_line(text: str) -> str:
    """The last line that says something."""
    return next((line.strip() for line in reversed(text.splitlines()) if line.strip()), "")


@dataclass(frozen=True)
class Mirror:
    """Where Debian's packages come from, and how to get there."""

    archive: str = "http://deb.debian.org/debian"
    security: str = "http://deb.debian.org/debian-security"
    options: tuple[str, ...] = ()
    """Lines of apt.conf: the host's proxies and other settings of the transport."""
    proxies: tuple[tuple[str, str], ...] = ()
    """Proxies as variables of the environment: the host's own, else apt's."""

    @classmethod
    def of_host(cls) -> Mirror:
        """What the host's own apt is set to; Debian's public mirror when it is not Debian's."""
        options = _transport_options() if find_program("apt-config") else ()
        proxies = tuple(
            (name, value)
            for name, of_apt in _PROXIES.items()
            if (value := _variable(name) or _option(options, of_apt))
        )
        return cls(**_sites(), options=options, proxies=proxies)

    def sources_list(self) -> str:
        """The file /etc/apt/sources.list for this mirror."""
        return (
            f"deb {self.archive} {RELEASE} main\n"
            f"deb {self.archive} {RELEASE}-updates main\n"
            f"deb {self.security} {RELEASE}-security main\n"
        )

    def certificates(self) -> bytes | None:
        """The authorities the host trusts, when the mirror is reached over TLS."""
        if not f"{self.archive} {self.security}".count("https://"):
            return None
        paths = ssl.get_default_verify_paths()
        for path in (paths.cafile, paths.openssl_cafile, "/etc/ssl/certs/ca-certificates.crt"):
            if path and Path(path).is_file():
                return Path(path).read_bytes()
        return None


def _sites() -> dict[str, str]:
    """The host's own archive and security archive; apt itself reads its sources."""
    if not is_debian_like() or find_program("apt-get") is None:
        return {}
    about = platform.freedesktop_os_release()
    if about["ID"] != "debian":
        return {}
    codename = about.get("VERSION_CODENAME", RELEASE)
    roles = {codename: "archive", f"{codename}-security": "security"}
    listed = _output("apt-get", "indextargets", "--format", "$(RELEASE) $(COMPONENT) $(REPO_URI)")
    found: dict[str, str] = {}
    for line in listed.splitlines():
        words = line.split()
        if len(words) == 3 and words[0] in roles and words[1] == "main":
            found.setdefault(roles[words[0]], words[2].rstrip("/"))
    return found


def _transport_options() -> tuple[str, ...]:
    """Settings of the transport that mean the same in a container: none that name a local file."""
    kept = ("Acquire::http::", "Acquire::https::", "Acquire::Check-", "Acquire::Force")
    local = ("Auto-Detect", "AutoDetect", "CAInfo", "CAPath", "SslCert", "SslKey")
    return tuple(
        line
        for line in _output("apt-config", "dump").splitlines()
        if line.startswith(kept) and not any(word in line for word in local)
    )


def _variable(name: str) -> str | None:
    return os.environ.get(name) or os.environ.get(name.upper())


def _option(options: tuple[str, ...], name: str | None) -> str | None:
    """The value of a line such as ``Acquire::http::Proxy "http://proxy:3128";``."""
    return next((line.split('"')[1] for line in options if line.startswith(f'{name} "')), None)


def _output(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.stdout
