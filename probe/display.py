"""What a person sees while a run goes on: a bar per stage, or plain lines without a terminal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    ProgressColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bar
from rich.text import Text

PLAIN_LINE_EVERY_S = 10.0


class Progress:
    """One stage under way: counts what ends and how, and shows it."""

    def __init__(self, name: str, total: int, display: Display) -> None:
        self.name = name
        self.total = total
        self.display = display
        self.done = 0
        self.outcomes: Counter[str] = Counter()
        self._waits: Counter[str] = Counter()
        self._told: set[str] = set()

    def advance(self, outcome: str) -> None:
        """Count one more that ended as `outcome`."""
        self.done += 1
        self.outcomes[outcome] += 1

    def tell(self, kind: str, line: str) -> None:
        """Say a line, once for its kind."""
        if kind not in self._told:
            self._told.add(kind)
            self.display.say(line)

    @contextmanager
    def waiting(self, why: str, seconds: float) -> Iterator[None]:
        """Count one more as waiting while the block runs, and say why, once for its kind."""
        kind = why.partition(": ")[0]
        self.tell(kind, f"{self.name:<9} {why}; trying again in {seconds:.0f} s")
        self._waits[kind] += 1
        self.changed()
        try:
            yield
        finally:
            self._waits[kind] -= 1
            self.changed()

    def changed(self) -> None:
        """Show anew what is counted."""

    @property
    def counts(self) -> str:
        """Outcomes with their counts, most frequent first, and what is waited for."""
        found = [f"{count} {name}" for name, count in self.outcomes.most_common()]
        found += [f"{count} waiting ({kind})" for kind, count in self._waits.items() if count]
        return ", ".join(found)


class Display:
    """Where stages are shown: standard error, so that standard output stays for results."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)

    def say(self, line: str) -> None:
        """Print one line of plain text."""
        self.console.print(line, markup=False, highlight=False, emoji=False, soft_wrap=True)

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Progress]:
        """Show a stage of `total` steps while the block runs."""
        shown = _BarProgress if self.console.is_terminal else _PlainProgress
        stage = shown(name, total, self)
        with stage.running():
            yield stage


class _PlainProgress(Progress):
    """Lines of text, at most one in a while, and one at the end."""

    def __init__(self, name: str, total: int, display: Display) -> None:
        super().__init__(name, total, display)
        self._last = time.monotonic()

    def advance(self, outcome: str) -> None:
        super().advance(outcome)
        self.changed()

    def changed(self) -> None:
        if self.done < self.total and time.monotonic() - self._last >= PLAIN_LINE_EVERY_S:
            self._line()

    def _line(self) -> None:
        self._last = time.monotonic()
        counts = f"  {self.counts}" if self.counts else ""
        self.display.say(f"{self.name:<9} {self.done}/{self.total}{counts}")

    @contextmanager
    def running(self) -> Iterator[None]:
        try:
            yield
        finally:
            self._line()


class _Speed(ProgressColumn):
    """Steps a second."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f}/s")


class _BarProgress(Progress):
    """A bar with the counts beside it."""

    def __init__(self, name: str, total: int, display: Display) -> None:
        super().__init__(name, total, display)
        self._bar = Bar(
            TextColumn("{task.description:<9}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            _Speed(),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            TextColumn("{task.fields[counts]}", markup=False),
            console=display.console,
        )
        self._task = self._bar.add_task(name, total=total, counts="")

    def advance(self, outcome: str) -> None:
        super().advance(outcome)
        self.changed()

    def changed(self) -> None:
        self._bar.update(self._task, completed=self.done, counts=self.counts)

    @contextmanager
    def running(self) -> Iterator[None]:
        with self._bar:
            yield
