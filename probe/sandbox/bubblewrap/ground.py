"""What programs stand on where there is no image: this machine's Python, and four packages of it.

Programs see the libraries and tools of ``/usr``, the standard library, and what the contract
promises: numpy, scipy, soundfile, pyo and what these need themselves. Other packages that happen to
be installed stay out of sight, so that a program does the same here as elsewhere.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from probe.errors import PrerequisiteError
from probe.paths import data_folder
from probe.sandbox.seccomp import profile

PACKAGES = ("numpy", "scipy", "soundfile", "pyo")
"""The distributions that a program may count on."""
HOME = Path("/opt/probe")
"""Where a sandbox keeps the supervisor, and the Python of programs."""
VENV = HOME / "venv"
PYTHON = VENV / "bin" / "python3"
SUPERVISORS = {
    "supervisor.py": "supervisor.py",
    "jailed.py": "jailed.py",
    "worker.py": "worker/sitecustomize.py",
}
"""The files of ``sandbox/`` that run inside, and their places below `HOME`."""

_USR_LINKS = ("bin", "lib", "lib32", "lib64", "sbin")
_REQUIREMENT = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Ground:
    """Files of this machine and where a program finds them; all of them read-only."""

    binds: tuple[tuple[Path, Path], ...]
    """Source and place of each file or folder."""
    links: tuple[tuple[str, str], ...]
    """Target and place of each symbolic link."""
    config: bytes
    """Content of the virtual environment's ``pyvenv.cfg``."""
    image: str
    """Content id: what could make a program behave differently, in one digest."""

    @classmethod
    def find(cls) -> Ground:
        """Find it.

        Raises
        ------
        PrerequisiteError
            A package is missing.
        """
        version = f"python{sys.version_info.major}.{sys.version_info.minor}"
        base = Path(sys.base_prefix).resolve()
        # Not sys.executable: that may be a virtual environment's own copy.
        interpreter = base / "bin" / version
        packages = _distributions(PACKAGES)
        site = VENV / "lib" / version / "site-packages"
        entries = {entry.name: entry for found in packages for entry in _entries(found)}
        folder = data_folder("sandbox")
        supervisors = {folder / name: HOME / place for name, place in SUPERVISORS.items()}
        usr = Path("/usr")
        binds = [(usr, usr)]
        if not base.is_relative_to(usr):
            binds.append((base, base))
        binds += supervisors.items()
        binds += [(entry, site / name) for name, entry in sorted(entries.items())]
        links = [
            (str(Path(f"/{name}").readlink()), f"/{name}")
            for name in _USR_LINKS
            if Path(f"/{name}").is_symlink()
        ]
        binds += [
            (path, path)
            for name in _USR_LINKS
            if (path := Path(f"/{name}")).is_dir() and not path.is_symlink()
        ]
        cache = Path("/etc/ld.so.cache")
        if cache.exists():
            binds.append((cache, cache))
        return cls(
            binds=tuple(binds),
            links=(*links, (str(interpreter), str(PYTHON))),
            config=f"home = {interpreter.parent}\ninclude-system-site-packages = false\n".encode(),
            image=_digest(packages, supervisors),
        )


def _distributions(names: tuple[str, ...]) -> list[metadata.Distribution]:
    """The distributions of these names and, in turn, all that they require."""
    found: dict[str, metadata.Distribution] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop()
        key = re.sub(r"[-_.]+", "-", name).lower()
        if key in found:
            continue
        try:
            found[key] = metadata.distribution(name)
        except metadata.PackageNotFoundError:
            if name in PACKAGES:
                raise PrerequisiteError(
                    f"programs need the package {name}; run `pip install {name}`"
                ) from None
            continue  # required on other systems only
        for requirement in found[key].requires or ():
            match = _REQUIREMENT.match(requirement)
            if match and "extra ==" not in requirement:
                waiting.append(match.group())
    return [found[key] for key in sorted(found)]


def _entries(distribution: metadata.Distribution) -> set[Path]:
    """The files and folders it put into the folder of packages, without commands it installed."""
    root = Path(str(distribution.locate_file("")))
    tops = {path.parts[0] for path in distribution.files or ()}
    return {(root / top).resolve() for top in tops - {"..", "__pycache__"}}


def _digest(packages: list[metadata.Distribution], supervisors: Iterable[Path]) -> str:
    total = hashlib.sha256()
    for line in (
        sys.version,
        *(f"{package.name} {package.version}" for package in packages),
        profile(),
    ):
        total.update(f"{line}\n".encode())
    for path in supervisors:
        content = path.read_bytes()
        total.update(f"{path.name} {len(content)}\n".encode() + content)
    return f"sha256:{total.hexdigest()}"
