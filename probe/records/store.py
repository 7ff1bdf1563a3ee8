"""The one writer of a run folder; what is in it says `probe.records.run_folder`."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Sequence
from itertools import chain, count
from pathlib import Path
from types import TracebackType

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from probe.errors import PrerequisiteError, UsageError
from probe.paths import writing
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
    Spec,
    Verification,
)
from probe.records.folder_names import slug
from probe.records.log import K, Log, R, read_lines
from probe.records.run_folder import ACCEPTED, LOGS, VERIFICATION, RunFolder, read_run
from probe.records.same_run import OtherRunError, RunOf, together
from probe.wav import pcm16_wav_bytes

TRASH = ".trash"
"""Where removed runs go, below the results folder; no run is looked for there."""


class Store(RunFolder):
    """The one writer of a run folder, while it is open.

    Use `Store.open`; leaving the ``with`` block lets go of the lock.
    """

    def __init__(
        self, folder: Path, lock: int, asked: Spec | None = None, aside: Path | None = None
    ) -> None:
        super().__init__(folder, asked=asked)
        self._lock = lock
        self.aside = aside
        """Where the run that was here before lies now, if there was one."""
        # All of them now: the only writer cuts torn lines off before anything is appended.
        _ = (self.completions, self.messages, self.hearings, self.answers)
        _ = (self.renderings, self.scores)

    def _log(self, name: str, kind: type[R], key: Callable[[R], K]) -> Log[K, R]:
        return Log(self.folder / name, kind, key, repair=True)

    @classmethod
    def open(
        cls, folder: Path, run: Run, *, fresh: bool = False, run_of: RunOf | None = None
    ) -> Store:
        """Begin a run, or go on with the same one.

        Parameters
        ----------
        folder : Path
            Where the run lives; made when it does not exist.
        run : Run
            What is asked for. When the folder holds the same run, that one goes on; a run of which
            nothing ever succeeded gives way to another.
        fresh : bool
            Begin anew; what the folder holds is set aside, see `set_aside`.
        run_of : callable, optional
            What is asked for with other prompts and samples, by which a run can grow. Without it
            only a run of the same ones goes on.

        Raises
        ------
        OtherRunError
            The folder holds a run of which some answer would be another.
        UsageError
            It holds one that a newer probe wrote, or another process is writing to it.
        """
        folder.mkdir(parents=True, exist_ok=True)
        lock, aside = _lock(folder), None
        try:
            if (folder / "run.json").exists():
                there = read_run(folder)
                try:
                    now = run if fresh else together(there, run, run_of or (lambda *_: run))
                except OtherRunError:
                    if anything_succeeded(folder):
                        raise
                    fresh, now = True, run
                if fresh:
                    aside = set_aside(folder)
                    folder.mkdir()
                    held, lock = lock, _lock(folder)
                    os.close(held)
                elif now != there:
                    _forget_sets(folder)
                    _write_run(folder, now)
            if not (folder / "run.json").exists():
                _write_run(folder, run)
            return cls(folder, lock, run.spec, aside)
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


def rename(folder: Path, run: Run) -> Path:
    """Call a run what `run` calls it: its folder, beside the old one, and its ``run.json``.

    Raises
    ------
    UsageError
        There is a run of that name, or another process is writing to this one.
    PrerequisiteError
        The folder cannot be moved.
    """
    there = folder.parent / slug(run.spec.row)
    lock = _lock(folder)
    try:
        if there.exists() and not there.samefile(folder):
            raise UsageError(f"there is a run {run.spec.row} already: {there}")
        _move(folder, there)
        _write_whole(there / "run.json", run.model_dump_json(indent=1).encode() + b"\n")
    finally:
        os.close(lock)
    return there


def remove(folder: Path) -> Path:
    """Move a run out of sight, into `TRASH` beside the tiers; nothing of it is deleted.

    Returns
    -------
    Path
        Where it lies now: a results folder in turn, of what was removed.

    Raises
    ------
    UsageError
        There is no run there, or another process is writing to it.
    PrerequisiteError
        The folder cannot be moved.
    """
    read_run(folder)
    folder = folder.resolve()
    lock = _lock(folder)
    try:
        tier = folder.parent
        there = unused(tier.parent / TRASH / tier.name / folder.name)
        _move(folder, there)
    finally:
        os.close(lock)
    return there


def _move(folder: Path, there: Path) -> None:
    try:
        there.parent.mkdir(parents=True, exist_ok=True)
        folder.rename(there)
    except OSError as error:
        raise PrerequisiteError(f"{folder} cannot be moved to {there}: {error.strerror}") from None


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


def set_aside(folder: Path) -> Path:
    """Move a run out of the way, whole, to ``.old`` beside it; says where it lies now."""
    aside = unused(folder.parent / ".old" / folder.name)
    aside.parent.mkdir(exist_ok=True)
    return folder.rename(aside)


def anything_succeeded(folder: Path) -> bool:
    """Whether a run has a reply or a rendering that counts."""
    there = RunFolder(folder)
    replies, renderings = there.completions.latest.values(), there.renderings.latest.values()
    return not all(row.outcome.ours for row in chain[Completion | Rendering](replies, renderings))


def _forget_sets(folder: Path) -> None:
    """Drop the scores of the set as a whole, which is to be another."""
    path = folder / "scores.jsonl"
    lines = list(read_lines(path, Score))
    kept = [line for line in lines if line.row.prompt is not None]
    if len(kept) < len(lines):
        data = path.read_bytes()
        _write_whole(path, b"".join(data[line.begin : line.end] for line in kept))


def _write_run(folder: Path, run: Run) -> None:
    _write_whole(folder / "run.json", run.model_dump_json(indent=1).encode() + b"\n")


def _write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all."""
    half = path.with_name(path.name + ".part")
    with writing(path):
        path.parent.mkdir(exist_ok=True)
        half.write_bytes(data)
        half.replace(path)
