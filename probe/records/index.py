"""A run in figures, from one pass over its logs: what ranks and comparisons are worked out from.

Rows stay on disk. What is kept of each is a few bytes, so a run of a hundred thousand attempts
takes little memory; rows that somebody wants to see are read again, prompt by prompt.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from probe.parallel import in_processes
from probe.records import Answer, Completion, Message, Outcome, Rendering, Score, Verification
from probe.records.log import K, Log, R, read_lines
from probe.records.run_folder import LOGS, RunFolder, audio_digest, read_run, read_verification

T = TypeVar("T")

_TURNS = 1 << 16
"""More than any talk has: attempt and turn together are one number."""


WORTH_PROCESSES = 64 << 20
"""Bytes of logs from which reading gains more from a process per core than their start costs."""

Places = defaultdict[str, "array[int]"]
"""Bytes at which the rows of each prompt begin in a log."""


def _place() -> array[int]:
    return array("Q")


def _places() -> Places:
    return defaultdict(_place)


class _Turn(NamedTuple):
    outcome: Outcome
    open: bool
    model: str | None


class RunIndex:
    """One run, as far as it is counted; attempts are numbered in the tier's order.

    Parameters
    ----------
    folder : Path
        The run's.

    Attributes
    ----------
    outcomes : list of Outcome or None
        How each attempt was rendered; None where it was not.
    values : dict of str to ndarray of float64, shape (attempts,)
        Of each metric that some clip was measured by; NaN where one was not.
    sets : dict of str to Score
        Metrics of the set as a whole.
    notes : dict of int to tuple of str
        Conversions that were applied to the attempts that had some.
    repeatable : dict of int to bool
        Whether a second rendering gave the same samples, where it was tried.
    verification : Verification or None
        Whether the run came out again; None where nobody looked since its audio changed.

    Raises
    ------
    UsageError
        There is no run there, or one that a newer probe wrote.
    DamagedError
        A log has a line that is none.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.run = read_run(folder)
        spec = self.run.spec
        self._first = {prompt: n * spec.samples for n, prompt in enumerate(spec.prompts)}
        self.attempts = len(spec.prompts) * spec.samples
        self.outcomes: list[Outcome | None] = [None] * self.attempts
        self.values: dict[str, NDArray[np.float64]] = {}
        self.sets: dict[str, Score] = {}
        self.notes: dict[int, tuple[str, ...]] = {}
        self.repeatable: dict[int, bool] = {}
        self._places: defaultdict[str, Places] = defaultdict(_places)
        self._read_renderings()
        self._read_scores()

    # --- one pass over each log ------------------------------------------------------------------

    def _rows(
        self, name: str, kind: type[R], about: Callable[[R], tuple[str, int]]
    ) -> Iterator[tuple[int, R]]:
        """Rows of the run's attempts with their numbers; where each stands is kept."""
        places, samples = self._places[name], self.run.spec.samples
        for row, begin, _ in read_lines(self.folder / name, kind):
            prompt, sample = about(row)
            first = self._first.get(prompt)
            if first is not None and sample < samples:
                places[prompt].append(begin)
                yield first + sample, row

    def _read_renderings(self) -> None:
        self.verification: Verification | None = None
        verification = read_verification(self.folder)
        sha256: dict[int, str | None] = {}
        for number, row in self._rows("renderings.jsonl", Rendering, _attempt):
            self.outcomes[number] = row.outcome
            self.notes.pop(number, None)
            if row.notes:
                self.notes[number] = row.notes
            self.repeatable.pop(number, None)
            if row.repeatable is not None:
                self.repeatable[number] = row.repeatable
            if verification is not None:
                sha256[number] = row.audio_sha256
        if verification and verification.audio_digest == audio_digest(self._left(sha256)):
            self.verification = verification

    def _left(
        self, sha256: dict[int, str | None]
    ) -> Iterator[tuple[str, int, Outcome, str | None] | None]:
        """How every attempt ended and what it left."""
        for prompt, first in self._first.items():
            for sample in range(self.run.spec.samples):
                outcome = self.outcomes[first + sample]
                left = (prompt, sample, outcome, sha256.get(first + sample)) if outcome else None
                yield left

    def _read_scores(self) -> None:
        self._versions: dict[str, NDArray[np.uint16]] = {}
        self._version_names: list[str] = []
        codes: dict[str, int] = {}
        for number, row in self._scores():
            if row.metric not in self.values:
                self.values[row.metric] = np.full(self.attempts, np.nan)
                self._versions[row.metric] = np.zeros(self.attempts, np.uint16)
            if row.version not in codes:
                codes[row.version] = len(self._version_names)
                self._version_names.append(row.version)
            self.values[row.metric][number] = row.value
            self._versions[row.metric][number] = codes[row.version]

    def _scores(self) -> Iterator[tuple[int, Score]]:
        """Scores of clips; those of the set are kept as they are."""

        def about(row: Score) -> tuple[str, int]:
            if row.prompt is None:
                self.sets[row.metric] = row
                return "", 0
            return row.prompt, row.sample

        return self._rows("scores.jsonl", Score, about)

    @cached_property
    def _turns(self) -> dict[int, _Turn]:
        """What counts of each turn, by `_TURNS` times the attempt's number plus its own."""
        alike: dict[_Turn, _Turn] = {}
        turns: dict[int, _Turn] = {}
        for number, row in self._rows("completions.jsonl", Completion, _attempt):
            found = _Turn(row.outcome, row.open, row.model_returned)
            turns[number * _TURNS + row.turn] = alike.setdefault(found, found)
        return turns

    @cached_property
    def _answers(self) -> dict[int, int]:
        """The turn that the answer begins with, where a strategy chose."""
        rows = self._rows("answers.jsonl", Answer, _attempt)
        return {number: row.parts[0].turn for number, row in rows}

    @cached_property
    def _messages(self) -> dict[str, int]:
        """Where each message stands in its log, by its digest."""
        lines = read_lines(self.folder / "messages.jsonl", Message)
        return {row.digest: begin for row, begin, _ in lines}

    # --- what is asked of it ---------------------------------------------------------------------

    def number(self, prompt: str, sample: int) -> int:
        """The number of an attempt."""
        return self._first[prompt] + sample

    def of_prompt(self, prompt: str) -> list[Outcome | None]:
        """How a prompt's attempts were rendered; None where one was not."""
        first = self._first[prompt]
        return self.outcomes[first : first + self.run.spec.samples]

    def versions(self, metric: str) -> set[str]:
        """The versions in which clips were measured by a metric."""
        measured = ~np.isnan(self.values[metric])
        return {self._version_names[code] for code in np.unique(self._versions[metric][measured])}

    def reply(self, number: int) -> Outcome | None:
        """How the reply ended that stands for an attempt; see `RunFolder.stands`."""
        base = number * _TURNS
        if number in self._answers:
            chosen = self._turns.get(base + self._answers[number])
            return chosen and chosen.outcome
        last, turn = None, 0
        while found := self._turns.get(base + turn):
            last, turn = found, turn + 1
        return last.outcome if last and (last.outcome.ours or not last.open) else None

    @property
    def models(self) -> Counter[str | None]:
        """What the service says answered, by turns."""
        return Counter(turn.model for turn in self._turns.values())

    def by_prompt(self, metric: str, among: NDArray[np.bool_] | None = None) -> dict[str, float]:
        """Mean over the samples of each prompt that was measured: prompts are what is resampled.

        Parameters
        ----------
        metric : str
            One of `values`.
        among : ndarray of bool, shape (attempts,), optional
            Only these attempts.
        """
        values = self.values[metric]
        kept = ~np.isnan(values) if among is None else ~np.isnan(values) & among
        samples = self.run.spec.samples
        found = {}
        for prompt, first in self._first.items():
            ours = slice(first, first + samples)
            if kept[ours].any():
                found[prompt] = float(np.mean(values[ours][kept[ours]]))
        return found

    def part(self, prompt: str) -> RunFolder:
        """The run's rows about one prompt."""
        return _Part(self, prompt)

    def places(self, name: str, part: RunFolder, prompt: str) -> Iterable[int]:
        """Where the rows of a log stand that belong to a part."""
        if name == "messages.jsonl":
            said = (row.sent for row in part.completions.latest.values())
            return sorted({self._messages[digest] for digest in said if digest in self._messages})
        if name not in self._places:
            for _ in self._rows(name, LOGS[name], _attempt):
                pass
        return self._places[name].get(prompt, ())


class _Part(RunFolder):
    """A run folder of which one prompt's rows are read."""

    def __init__(self, index: RunIndex, prompt: str) -> None:
        super().__init__(index.folder, index.run)
        self._index = index
        self._prompt = prompt

    def _log(self, name: str, kind: type[R], key: Callable[[R], K]) -> Log[K, R]:
        places = self._index.places(name, self, self._prompt)
        return Log(self.folder / name, kind, key, places=places)


def _attempt(row: Any) -> tuple[str, int]:
    """What a row of any log but that of messages is about."""
    return (row.prompt, row.sample)


def of_each(function: Callable[[Path], T], folders: Sequence[Path]) -> list[T]:
    """What `function` makes of each run folder, in their order; large ones are read side by side.

    `function` must be importable, and what it gives picklable.
    """
    size = sum((f / name).stat().st_size for f in folders for name in LOGS if (f / name).exists())
    if size < WORTH_PROCESSES or len(folders) < 2:
        return [function(folder) for folder in folders]
    found = dict(in_processes(partial(_named, function), folders))
    return [found[folder] for folder in folders]


def _named(function: Callable[[Path], T], folder: Path) -> tuple[Path, T]:
    return folder, function(folder)
