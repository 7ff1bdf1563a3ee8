"""Where a generator's weights lie: a folder of the person's own, or Hugging Face's cache.

Nothing is fetched here. ``hf download``, which comes with transformers, fetches a repository once;
from then on its snapshot is found without a network, and its commit is recorded.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from probe.errors import PrerequisiteError, UsageError, unknown
from probe.models.neural.known import KNOWN, Known

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*")


@dataclass(frozen=True)
class Found:
    """Weights that are here."""

    folder: Path
    source: str
    """The repository's id, or the folder's name."""
    revision: str | None
    """Commit of the repository; None for a folder."""
    licence: str | None

    def settings(self) -> dict[str, Any]:
        """What is recorded of them: the commit, or a digest of the folder's files."""
        said: dict[str, Any] = {"weights": self.source}
        said |= {"revision": self.revision} if self.revision else {"sha256": _digest(self.folder)}
        return said | ({"licence": self.licence} if self.licence else {})


def find(name: str, revision: str | None = None) -> Found:
    """Find weights that were fetched before, or are a folder.

    Parameters
    ----------
    name : str
        A name of `KNOWN`, an id ``owner/model`` of Hugging Face, or a folder.
    revision : str, optional
        Commit, tag or branch of the repository; the one that was fetched last by default.

    Raises
    ------
    UsageError
        That is none of these.
    PrerequisiteError
        The weights are not here; the message has the command that fetches them.
    """
    path = Path(name).expanduser()
    known = KNOWN.get(name)
    if known is None and path.is_dir():
        if revision:
            raise UsageError("--set revision is for weights of Hugging Face, not for a folder")
        return Found(path, path.resolve().name, None, None)
    repo = known.repo if known else name
    if known is None and not _HUB_ID.fullmatch(repo):
        if re.match(r"[./~]", name):
            raise UsageError(f"there is no folder {name}")
        said = unknown("generator", name, KNOWN)
        raise UsageError(f"{said}; or give owner/model of Hugging Face, or a folder")
    licence = next((each.licence for each in KNOWN.values() if each.repo == repo), None)
    folder = _snapshot(repo, revision, known)
    return Found(folder, repo, folder.name, licence)


def command(repo: str, revision: str | None = None) -> str:
    """The command that fetches a repository."""
    return f"hf download {repo}" + (f" --revision {revision}" if revision else "")


def read_json(folder: Path, name: str) -> dict[str, Any]:
    """A file of the weights' settings.

    Raises
    ------
    UsageError
        It is not there or not what it should be.
    """
    try:
        found = json.loads((folder / name).read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(f"{folder} holds no generator: {name} cannot be read ({error})") from None
    if not isinstance(found, dict):
        raise UsageError(f"{folder} holds no generator: {name} is no table")
    return found


def _snapshot(repo: str, revision: str | None, known: Known | None) -> Path:
    try:
        import huggingface_hub as hub
        from huggingface_hub import errors
    except ImportError:
        raise PrerequisiteError("generators need pip install 'probe[generators]'") from None
    try:
        # The type of what it returns depends on an argument that is not given here.
        return Path(str(hub.snapshot_download(repo, revision=revision, local_files_only=True)))
    except (errors.HfHubHTTPError, errors.LocalEntryNotFoundError, OSError):
        terms = " (accept its terms on its page first)" if known and known.gated else ""
        raise PrerequisiteError(
            f"the weights of {repo} are not here; `{command(repo, revision)}`{terms}"
        ) from None


def _digest(folder: Path) -> str:
    """SHA-256 over the names and contents of a folder's files, hidden ones left out."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in name.parts):
            with path.open("rb") as file:
                one = hashlib.file_digest(file, "sha256").hexdigest()
            digest.update(f"{name.as_posix()} {one}\n".encode())
    return digest.hexdigest()
