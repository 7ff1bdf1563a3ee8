"""The folder that weights lie in, and what is recorded of them.

::

    ~/.cache/probe/weights/          or $PROBE_WEIGHTS
        <name>/<file>                as in the table; may as well be put there by hand
        converted/                   LAION's checkpoints in another form, made when first opened
        weights.lock.json            commit, size and SHA-256 of what was fetched or checked first
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from probe.errors import PrerequisiteError, UsageError
from probe.score.weights.known import Weights

LOCK = "weights.lock.json"

State = Literal["present", "absent", "changed", "unrecorded"]
"""``unrecorded`` is present, and nothing is known that it could differ from."""


class FileRecord(BaseModel):
    """A file as it was when it was first seen."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    sha256: str
    size: int
    """Bytes."""


class Record(BaseModel):
    """Weights as they were when they were fetched, or checked for the first time."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    revision: str | None = None
    files: dict[str, FileRecord]


def folder() -> Path:
    """Where weights lie: PROBE_WEIGHTS, or ``~/.cache/probe/weights``."""
    given = os.environ.get("PROBE_WEIGHTS")
    return Path(given) if given else Path.home() / ".cache" / "probe" / "weights"


def present(weights: Weights) -> list[Path] | None:
    """Find the files of weights; None unless all are there."""
    found = []
    for names in weights.file_names:
        paths = [folder() / weights.name / name for name in names]
        there = [path for path in paths if path.is_file()]
        if not there:
            return None
        found.append(there[0])
    return found


def state(weights: Weights) -> State:
    """Look at weights without reading them: a file of another size has changed."""
    files = present(weights)
    if files is None:
        return "absent"
    record = records().get(weights.name)
    if record is None:
        return "unrecorded"
    same = all(
        path.name in record.files and path.stat().st_size == record.files[path.name].size
        for path in files
    )
    return "present" if same else "changed"


def require(weights: Weights) -> Path:
    """Give the folder of weights that are there.

    Raises
    ------
    PrerequisiteError
        They are absent or not what was recorded; the message has the command that helps.
    """
    found = state(weights)
    command = f"probe weights fetch {weights.argument}"
    if found == "absent":
        size = f", about {weights.megabytes} MB" if weights.megabytes else ""
        raise PrerequisiteError(
            f"the weights {weights.name} are not in {folder()}; `{command}`{size}"
        )
    if found == "changed":
        raise PrerequisiteError(
            f"the weights {weights.name} are not what {folder() / LOCK} recorded;"
            f" `{command} --again`"
        )
    return folder() / weights.name


def check(weights: Weights) -> State:
    """Read all files and compare them; what was never recorded is recorded now.

    Raises
    ------
    UsageError
        A file or the record cannot be read or written.
    """
    files = present(weights)
    if files is None:
        return "absent"
    found = {path.name: file_record(path) for path in files}
    record = records().get(weights.name)
    if wrong(weights, found, record):
        return "changed"
    if record is None:
        keep(weights.name, Record(source=weights.source, files=found))
        return "unrecorded"
    return "present"


def wrong(weights: Weights, found: dict[str, FileRecord], record: Record | None) -> list[str]:
    """Names of the files that are not what the table or an earlier record says."""
    expected = {name: file.sha256 for name, file in record.files.items()} if record else {}
    expected |= weights.sha256
    return [name for name, file in found.items() if expected.get(name, file.sha256) != file.sha256]


def file_record(path: Path) -> FileRecord:
    """Read a file for its digest."""
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return FileRecord(sha256=digest, size=path.stat().st_size)
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}") from error


def records() -> dict[str, Record]:
    """Everything that is recorded, by name of the weights."""
    path = folder() / LOCK
    try:
        entries = json.loads(path.read_bytes())
        return {name: Record.model_validate(entry) for name, entry in entries.items()}
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, AttributeError, ValidationError) as error:
        raise UsageError(f"{path} cannot be read; move it away and check again") from error


def keep(name: str, record: Record) -> None:
    """Record weights, in place of what was recorded of them."""
    entries = {**records(), name: record}
    text = json.dumps({name: entries[name].model_dump() for name in sorted(entries)}, indent=2)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=folder(), delete=False) as half:
            half.write(text + "\n")
        Path(half.name).replace(folder() / LOCK)
    except OSError as error:
        raise PrerequisiteError(f"cannot write {folder() / LOCK}: {error.strerror}") from error


def with_needs(weights: Weights, table: dict[str, Weights]) -> Iterable[Weights]:
    """Weights and what goes with them, what is needed first."""
    for need in weights.needs:
        yield from with_needs(table[need], table)
    yield weights
