"""The run folder, for reading: append-only logs and what can be made again from them.

::

    run.json            the `Run` record
    completions.jsonl   one `Completion` a line: every turn of every attempt
    messages.jsonl      one `Message` a line: what was said beyond the tier's own words
    hearings.jsonl      one `Hearing` a line: what came of programs that ran between two turns
    answers.jsonl       one `Answer` a line: which turns count, where there were several
    renderings.jsonl    one `Rendering` a line
    scores.jsonl        one `Score` a line
    verification.json   the last `Verification`, if there was one
    accepted.json       the `Accepted`, where the run was closed with attempts missing
    programs/           <prompt>.<sample>.py, taken from the replies
    audio/              <prompt>.<sample>.wav, 16-bit mono; can be made again from the programs

The last row of a key counts: an attempt that failed through our fault is refilled by a later row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
from numpy.typing import NDArray
from pydantic import ValidationError

from probe.audio import pcm_sha256
from probe.errors import ProbeError, UsageError, unknown
from probe.paths import results_folder
from probe.records import (
    SCHEMA,
    Accepted,
    Answer,
    Completion,
    Hearing,
    Message,
    Outcome,
    Part,
    Record,
    Rendering,
    Run,
    Score,
    Spec,
    Verification,
)
from probe.records.folder_names import marked, old_slug, slug
from probe.records.languages import language
from probe.records.log import K, Log, R, read_lines

Attempt = tuple[str, int]
"""Prompt id and sample number."""

ScoreKey = tuple[str | None, int, str]
"""Prompt id, or None for the whole set, sample number and metric."""

LOGS: dict[str, type[Record]] = {
    "messages.jsonl": Message,
    "completions.jsonl": Completion,
    "hearings.jsonl": Hearing,
    "answers.jsonl": Answer,
    "renderings.jsonl": Rendering,
    "scores.jsonl": Score,
}
"""Files of rows and what each row is, first stage first."""

VERIFICATION = "verification.json"
ACCEPTED = "accepted.json"


def _attempt(row: Answer | Rendering) -> Attempt:
    return (row.prompt, row.sample)


def _turn(row: Completion) -> tuple[str, int, int]:
    return (row.prompt, row.sample, row.turn)


def _heard(row: Hearing) -> tuple[str, int, tuple[Part, ...]]:
    return (row.prompt, row.sample, row.parts)


def _digest(row: Message) -> str:
    return row.digest


def _score_key(row: Score) -> ScoreKey:
    return (row.prompt, row.sample, row.metric)


class RunFolder:
    """A run as it stands on disk, for reading; a log is read when it is first asked for.

    Parameters
    ----------
    folder : Path
        The run's.
    run : Run, optional
        What the run is, where it is known already or has not begun.
    asked : Spec, optional
        What is to be asked and rendered of it now; else all of it.

    Raises
    ------
    UsageError
        There is no run there, or one that a newer probe wrote.
    """

    def __init__(self, folder: Path, run: Run | None = None, asked: Spec | None = None) -> None:
        self.folder = folder
        self.run = run or read_run(folder)
        self.asked = attempts_of(asked or self.run.spec)

    def _log(self, name: str, kind: type[R], key: Callable[[R], K]) -> Log[K, R]:
        return Log(self.folder / name, kind, key)

    @cached_property
    def completions(self) -> Log[tuple[str, int, int], Completion]:
        """Every turn, by prompt id, sample and number of the turn."""
        return self._log("completions.jsonl", Completion, _turn)

    @cached_property
    def messages(self) -> Log[str, Message]:
        """What was said beyond the tier's own words, by digest."""
        return self._log("messages.jsonl", Message, _digest)

    @cached_property
    def hearings(self) -> Log[tuple[str, int, tuple[Part, ...]], Hearing]:
        """What came of programs between two turns, by prompt id, sample and parts."""
        return self._log("hearings.jsonl", Hearing, _heard)

    @cached_property
    def answers(self) -> Log[Attempt, Answer]:
        """Which turns count, where there were several."""
        return self._log("answers.jsonl", Answer, _attempt)

    @cached_property
    def renderings(self) -> Log[Attempt, Rendering]:
        """What came out of each attempt."""
        return self._log("renderings.jsonl", Rendering, _attempt)

    @cached_property
    def scores(self) -> Log[ScoreKey, Score]:
        """Every value."""
        return self._log("scores.jsonl", Score, _score_key)

    @cached_property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every attempt the run consists of, in the tier's order."""
        return attempts_of(self.run.spec)

    @property
    def latest_completions(self) -> Mapping[Attempt, Completion]:
        """The reply that stands for each attempt: its answer, or the failure that ended it."""
        return _Standing(self)

    def stands(self, attempt: Attempt) -> Completion | None:
        """The reply that stands for one attempt; None while there is neither answer nor failure."""
        answer = self.answers.latest.get(attempt)
        if answer is not None:
            return self.completions.latest.get((*attempt, answer.parts[0].turn))
        turns = self.turns(attempt)
        if turns and (turns[-1].outcome.ours or not turns[-1].open):
            return turns[-1]
        return None

    def turns(self, attempt: Attempt) -> list[Completion]:
        """What was replied in an attempt so far, turn by turn."""
        found: list[Completion] = []
        while row := self.completions.latest.get((*attempt, len(found))):
            found.append(row)
        return found

    def parts(self, attempt: Attempt) -> tuple[Part, ...]:
        """Which turns sound in the answer, and when."""
        answer = self.answers.latest.get(attempt)
        return answer.parts if answer else (Part(turn=0),)

    @property
    def latest_renderings(self) -> Mapping[Attempt, Rendering]:
        """The rendering that counts for each attempt that has one."""
        return self.renderings.latest

    @property
    def latest_scores(self) -> Mapping[ScoreKey, Score]:
        """The score that counts for each prompt (None: the set), sample and metric."""
        return self.scores.latest

    @property
    def audio_digest(self) -> str:
        """SHA-256 over how every attempt ended and what it left."""
        there = self.renderings.latest
        rows = (there.get(attempt) for attempt in self.attempts)
        return audio_digest(
            (row.prompt, row.sample, row.outcome, row.audio_sha256) if row else None for row in rows
        )

    def audio_path(self, attempt: Attempt) -> Path:
        """Where the audio of an attempt lies, if it is there."""
        return self.folder / "audio" / f"{attempt[0]}.{attempt[1]}.wav"

    def program_path(self, attempt: Attempt, part: int = 0) -> Path:
        """Where the program of an attempt lies, if there is one; of a part of it, from 1 on."""
        number = f".{part}" if part else ""
        suffix = language(self.run.spec.language).suffix
        return self.folder / "programs" / f"{attempt[0]}.{attempt[1]}{number}{suffix}"

    def audio(self, rendering: Rendering) -> NDArray[np.int16] | None:
        """The audio of a rendering, shape (n,), or None where the file is gone or is another."""
        try:
            pcm, _ = soundfile.read(
                self.audio_path((rendering.prompt, rendering.sample)), dtype="int16"
            )
        except soundfile.LibsndfileError:
            return None
        return pcm if pcm_sha256(pcm) == rendering.audio_sha256 else None


class _Standing(Mapping[Attempt, Completion]):
    """The reply that stands for each attempt, worked out for those that are asked about."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder

    def __getitem__(self, attempt: Attempt) -> Completion:
        row = self._folder.stands(attempt)
        if row is None:
            raise KeyError(attempt)
        return row

    def __iter__(self) -> Iterator[Attempt]:
        return (a for a in self._folder.attempts if self._folder.stands(a) is not None)

    def __len__(self) -> int:
        return sum(1 for _ in self)


def attempts_of(spec: Spec) -> tuple[Attempt, ...]:
    """Every attempt, in the tier's order."""
    return tuple((prompt, sample) for prompt in spec.prompts for sample in range(spec.samples))


def read_run(folder: Path) -> Run:
    """Read ``run.json``; a folder that a newer probe wrote is refused."""
    path = folder / "run.json"
    try:
        data: Any = json.loads(path.read_text(encoding="utf-8"))
        schema = int(data.get("schema_version", 1))
    except FileNotFoundError:
        raise UsageError(f"{folder} holds no run (no run.json)") from None
    except (ValueError, AttributeError) as error:
        raise ProbeError(f"{path} is damaged: {error}") from None
    if schema > SCHEMA:
        raise UsageError(
            f"{folder} was written by a newer probe (format {schema}, this one knows {SCHEMA});"
            " it is left as it is: update probe"
        )
    try:
        return Run.model_validate(data)
    except ValidationError as error:
        raise ProbeError(f"{path} is damaged: {error.errors()[0]['msg']}") from None


def read_verification(folder: Path) -> Verification | None:
    """What came of making a run anew, whatever has become of the run since."""
    return _read_one(folder / VERIFICATION, Verification)


def read_accepted(folder: Path) -> Accepted | None:
    """That a run was closed with attempts missing, whatever has become of the run since."""
    return _read_one(folder / ACCEPTED, Accepted)


def _read_one(path: Path, kind: type[R]) -> R | None:
    """The record that a file holds; None where there is no file."""
    if not path.exists():
        return None
    try:
        return kind.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ProbeError(f"{path} is damaged: {error.errors()[0]['msg']}") from None


def read_completions(folder: Path) -> Iterator[Completion]:
    """Every completion of a run, one at a time, also one that a later row has replaced."""
    return (row for row, _, _ in read_lines(folder / "completions.jsonl", Completion))


def audio_digest(rows: Iterable[tuple[str, int, Outcome, str | None] | None]) -> str:
    """SHA-256 over prompt id, sample, outcome and audio of every attempt in the tier's order."""
    digest = hashlib.sha256()
    before = "["
    for row in rows:
        digest.update((before + json.dumps(row)).encode())
        before = ", "
    digest.update(b"]")
    return digest.hexdigest()


def find_runs(results: Path) -> Iterator[Path]:
    """Folders below `results` that hold a run, in a fixed order."""
    for path in sorted(results.glob("*/*/run.json")):
        yield path.parent


# --- what a person calls it, and where it lies ---------------------------------------------------


def home(tier: Path, row: str) -> Path:
    """Where the run of a row lies below its tier's folder, or is to lie.

    A run under its name of old stays there; a folder that another row's run took is left to it.
    """
    names = (slug(row), marked(row), old_slug(row))
    there = {tier / name: _row_in(tier / name) for name in names if len(name) < 256}
    for folder, found in there.items():
        if found in (row, _UNREADABLE):
            return folder
    return next(folder for folder, found in there.items() if found is None)


def _row_in(folder: Path) -> str | None:
    """The row of the run in a folder; None where there is no run."""
    if not (folder / "run.json").exists():
        return None
    try:
        return read_run(folder).spec.row
    except ProbeError:
        return _UNREADABLE


_UNREADABLE = ""
"""Stands for the row of a run that is damaged or a newer probe's: whoever opens it is told."""


def find_run(name: str, results: Path | None = None) -> RunFolder:
    """Open a run.

    Parameters
    ----------
    name : str
        Its folder, or its tier and its name on the board, as in ``notes/openai/gpt-4o``.
    results : Path, optional
        Folder that holds the runs, else `probe.paths.results_folder`.

    Raises
    ------
    UsageError
        There is none.
    """
    results = results or results_folder()
    tier, _, row = name.partition("/")
    folders = [Path(name), results / name, *([home(results / tier, row)] if row else [])]
    for folder in folders:
        if (folder / "run.json").is_file():
            return RunFolder(folder)
    there = (f"{found.parent.name}/{_row(found)}" for found in find_runs(results))
    raise UsageError(unknown(f"run in {results}", name, there))


def _row(folder: Path) -> str:
    try:
        return read_run(folder).spec.row
    except ProbeError:
        return folder.name


def find_attempt(folder: RunFolder, prompt: str, sample: int = 0) -> Attempt:
    """An attempt of a run.

    Raises
    ------
    UsageError
        The run has no such prompt or sample.
    """
    spec = folder.run.spec
    if prompt not in spec.prompts:
        raise UsageError(unknown(f"prompt of {folder.folder}", prompt, spec.prompts))
    if not 0 <= sample < spec.samples:
        count = f"{spec.samples} sample{'s' if spec.samples > 1 else ''} a prompt"
        raise UsageError(f"{folder.folder} has {count}, counted from 0, and no {sample}")
    return (prompt, sample)
