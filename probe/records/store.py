"""The one writer of a run folder; what is in it says `probe.records.run_folder`."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Callable, Sequence
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from probe.errors import UsageError
from probe.records import (
    Accepted,
    Answer,
    Completion,
    Hearing,
    Message,
    Record,
    Rendering,
    Run,
    Score,
    Verification,
)
from probe.records.log import K, Log, R
from probe.records.run_folder import ACCEPTED, LOGS, VERIFICATION, RunFolder, read_run
from probe.wav import pcm16_wav_bytes


class Store(RunFolder):
    """The one writer of a run folder, while it is open.

    Use `Store.open`; leaving the ``with`` block lets go of the lock.
    """

    def __init__(self, folder: Path, lock: int) -> None:
        super().__init__(folder)
        self._lock = lock
        # All of them now: the only writer cuts torn lines off before anything is appended.
        _ = (self.completions, self.messages, self.hearings, self.answers)
        _ = (self.renderings, self.scores)

    def _log(self, name: str, kind: type[R], key: Callable[[R], K]) -> Log[K, R]:
        return Log(self.folder / name, kind, key, repair=True)

    @classmethod
    def open(cls, folder: Path, run: Run, *, fresh: bool = False) -> Store:
        """Begin a run, or go on with the same one.

        Parameters
        ----------
        folder : Path
            Where the run lives; made when it does not exist.
        run : Run
            What is to be run. When the folder holds a run of the same `Spec`, that one goes on.
        fresh : bool
            Throw away what the folder holds and begin anew.

        Raises
        ------
        UsageError
            The folder holds a run of another `Spec`, or one that a newer probe wrote, or another
            process is writing to it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lock = _lock(folder)
        try:
            if (folder / "run.json").exists():
                there = read_run(folder)
                if fresh:
                    _empty(folder)
                elif there.spec != run.spec:
                    raise UsageError(_difference(folder, there, run))
            if not (folder / "run.json").exists():
                _write_whole(folder / "run.json", run.model_dump_json(indent=1).encode() + b"\n")
            return cls(folder, lock)
        except BaseException:
            os.close(lock)
            raise

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._lock)

    def add_completion(self, row: Completion) -> None:
        """Append a completion."""
        self.completions.append(row)

    def add_message(self, text: str) -> str:
        """Keep a message, once; returns its digest."""
        digest = hashlib.sha256(text.encode()).hexdigest()
        if digest not in self.messages.latest:
            self.messages.append(Message(digest=digest, text=text))
        return digest

    def add_hearing(self, row: Hearing) -> None:
        """Append what was heard."""
        self.hearings.append(row)

    def add_answer(self, row: Answer) -> None:
        """Append an answer."""
        self.answers.append(row)

    def add_rendering(
        self,
        row: Rendering,
        *,
        programs: Sequence[str] = (),
        pcm: NDArray[np.int16] | None = None,
        sample_rate: int,
    ) -> None:
        """Append a rendering; its programs and audio are in place before the row says so."""
        attempt = (row.prompt, row.sample)
        for part, program in enumerate(programs):
            _write_whole(self.program_path(attempt, part), program.encode())
        if pcm is not None:
            _write_whole(self.audio_path(attempt), pcm16_wav_bytes(pcm, sample_rate))
        self.renderings.append(row)

    def add_score(self, row: Score) -> None:
        """Append a score."""
        self.scores.append(row)

    def set_verification(self, row: Verification) -> None:
        """Keep what came of making the run anew, in place of what came of it before."""
        self._set(VERIFICATION, row)

    def set_accepted(self, row: Accepted) -> None:
        """Close the run with attempts missing."""
        self._set(ACCEPTED, row)

    def _set(self, name: str, row: Record) -> None:
        _write_whole(self.folder / name, row.model_dump_json(indent=1).encode() + b"\n")


def mend(folder: Path) -> dict[str, int]:
    """Drop lines that are no rows from a run's logs; each file that has some is kept beside.

    What such a line said is lost, and is filled by the same run: asked, rendered or scored anew.

    Returns
    -------
    dict of str to int
        Files that were damaged, and how many lines of each were dropped.

    Raises
    ------
    UsageError
        There is no run there, or another process is writing to it.
    """
    read_run(folder)
    lock = _lock(folder)
    try:
        return {name: bad for name, kind in LOGS.items() if (bad := _mend_log(folder / name, kind))}
    finally:
        os.close(lock)


def _mend_log(path: Path, kind: type[Record]) -> int:
    whole, bad = [], 0
    for line in path.read_bytes().splitlines(keepends=True) if path.exists() else ():
        try:
            kind.model_validate_json(line)
        except ValidationError:
            bad += 1
        else:
            whole.append(line if line.endswith(b"\n") else line + b"\n")
    if bad:
        shutil.copyfile(path, unused(path.with_name(f"{path.name}.damaged")))
        _write_whole(path, b"".join(whole))
    return bad


def unused(path: Path) -> Path:
    """The path itself, or with the first number that makes it one at which nothing lies."""
    numbered = (path.with_name(f"{path.name}-{number}") for number in count(2))
    return next(found for found in chain([path], numbered) if not found.exists())


def _lock(folder: Path) -> int:
    """Take the folder for this process; the kernel gives it back however the process ends."""
    descriptor = os.open(folder / "run.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        raise UsageError(f"another probe is writing to {folder}") from None
    return descriptor


def _empty(folder: Path) -> None:
    """Remove what a run consists of, last stage first: what is left can always be resumed."""
    for name in ("audio", "programs"):
        shutil.rmtree(folder / name, ignore_errors=True)
    for name in (VERIFICATION, ACCEPTED, *reversed(LOGS), "run.json"):
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    path.parent.mkdir(exist_ok=True)
    half = path.with_name(path.name + ".part")
    half.write_bytes(data)
    half.replace(path)


def _difference(folder: Path, there: Run, wanted: Run) -> str:
    """Say in one line how two specifications differ."""
    old, new = there.spec.model_dump(), wanted.spec.model_dump()
    parts = [
        f"{name}: {_brief(old[name])} there, {_brief(new[name])} asked for"
        for name in old
        if old[name] != new[name]
    ]
    return (
        f"{folder} holds another run ({'; '.join(parts)});"
        " --fresh starts over, --results writes elsewhere"
    )


def _brief(value: Any) -> str:
    if isinstance(value, dict | tuple | list) and len(value) > 4:
        return f"{len(value)} entries"
    text = value if isinstance(value, str) else json.dumps(value, default=str)
    return text if len(text) <= 40 else text[:19] + "…" + text[-12:]
