"""Fetch weights from where they are published, or from a folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from probe.errors import PrerequisiteError, ProbeError, UsageError
from probe.score.weights.known import Weights, known
from probe.score.weights.store import (
    LOCK,
    FileRecord,
    Record,
    file_record,
    folder,
    keep,
    records,
    state,
    with_needs,
    wrong,
)

Progress = Callable[[str, int, int | None], None]
"""File, bytes so far, bytes in all if known."""

_BLOCK = 1 << 20
_TIMEOUT_S = 60.0


def fetch(
    weights: Weights,
    *,
    again: bool = False,
    offline: Path | None = None,
    progress: Progress = lambda _file, _done, _all: None,
) -> list[Weights]:
    """Fetch weights and what they need.

    Parameters
    ----------
    weights : Weights
        From the table or `probe.score.weights.from_hub`.
    again : bool
        Also what is there already; it must be what was recorded.
    offline : Path, optional
        Take the files from this folder, directly in it or in a folder of the weights' name, and
        use no network.
    progress : callable
        Hears of every megabyte.

    Returns
    -------
    list of Weights
        What was fetched; what was there is left out.

    Raises
    ------
    ProbeError
        The source does not answer, or gives other bytes than were recorded or are known.
    PrerequisiteError
        Hugging Face's client is not installed, or the folder cannot be written.
    UsageError
        An offline folder lacks a file.
    """
    fetched = []
    for each in with_needs(weights, known()):
        if again or state(each) not in ("present", "unrecorded"):
            _fetch_one(each, offline, progress)
            fetched.append(each)
    return fetched


def _fetch_one(weights: Weights, offline: Path | None, progress: Progress) -> None:
    record = records().get(weights.name)
    try:
        folder().mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder(), prefix=".fetching-") as half:
            into = Path(half)
            revision = None
            if offline is not None:
                _copy(weights, offline, into)
            elif weights.repo is not None:
                known_revision = weights.revision or (record.revision if record else None)
                revision = _from_hub(weights, known_revision, into)
            else:
                for name, *_ in weights.file_names:
                    _download(weights.urls[name], into / name, progress)
            _accept(weights, into, revision, record)
    except OSError as error:
        raise PrerequisiteError(
            f"cannot write to {folder()}: {error.strerror or error}; PROBE_WEIGHTS names another"
        ) from error


def _accept(weights: Weights, into: Path, revision: str | None, record: Record | None) -> None:
    """Compare what came, then move it to its place and record it."""
    found: dict[str, FileRecord] = {}
    for names in weights.file_names:
        path = next((into / name for name in names if (into / name).is_file()), None)
        if path is None:
            raise ProbeError(f"{weights.source} has no {' or '.join(names)}")
        found[path.name] = file_record(path)
    if others := wrong(weights, found, record):
        raise ProbeError(
            f"{weights.source} gives another {others[0]} than before (SHA-256"
            f" {found[others[0]].sha256}); nothing was replaced. If that is expected, take"
            f" {weights.name} out of {folder() / LOCK}"
        )
    home = folder() / weights.name
    home.mkdir(exist_ok=True)
    for name in found:
        (into / name).replace(home / name)
    if record and record.revision and revision is None:
        revision = record.revision
    keep(weights.name, Record(source=weights.source, revision=revision, files=found))


def _copy(weights: Weights, offline: Path, into: Path) -> None:
    for names in weights.file_names:
        places = [base / name for name in names for base in (offline / weights.name, offline)]
        there = [place for place in places if place.is_file()]
        if not there:
            raise UsageError(f"{offline} has no {' or '.join(names)} for {weights.name}")
        shutil.copyfile(there[0], into / there[0].name)


def _download(url: str, path: Path, progress: Progress) -> None:
    import httpx2

    try:
        with (
            httpx2.Client(follow_redirects=True, timeout=_TIMEOUT_S) as client,
            client.stream("GET", url) as answer,
            path.open("wb") as file,
        ):
            answer.raise_for_status()
            length = answer.headers.get("content-length")
            whole = int(length) if length and "content-encoding" not in answer.headers else None
            done = 0
            for block in answer.iter_bytes(_BLOCK):
                file.write(block)
                done += len(block)
                progress(path.name, done, whole)
    except httpx2.HTTPStatusError as error:
        raise ProbeError(f"{url} answers {error.response.status_code}") from error
    except httpx2.HTTPError as error:
        raise ProbeError(f"cannot fetch {url}: {error or type(error).__name__}") from error
    if whole is not None and done != whole:
        raise ProbeError(f"{url} ended after {done} of {whole} bytes; fetch again")


def _from_hub(weights: Weights, revision: str | None, into: Path) -> str:
    """Download from Hugging Face; returns the commit."""
    try:
        import huggingface_hub as hub
        from huggingface_hub import errors
    except ImportError as error:
        raise PrerequisiteError("Hugging Face needs pip install 'probe[score]'") from error
    import httpx2

    api: Any = hub.HfApi()
    failures = (
        errors.HfHubHTTPError,
        errors.EntryNotFoundError,
        errors.LocalEntryNotFoundError,
        errors.OfflineModeIsEnabled,
        httpx2.HTTPError,
    )
    repo = weights.repo
    try:
        info = api.model_info(repo, revision=revision)
        there = {file.rfilename for file in info.siblings}
        for names in weights.file_names:
            name = next((name for name in names if name in there), None)
            if name is None:
                raise ProbeError(f"{repo} on Hugging Face has no {' or '.join(names)}")
            api.hf_hub_download(repo, name, revision=info.sha, local_dir=into)
    except failures as error:
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ProbeError(f"cannot fetch {repo} from Hugging Face: {reason}") from error
    return str(info.sha)
