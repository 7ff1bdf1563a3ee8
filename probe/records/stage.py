"""One sentence that every stage of a run is: what its folder lacks, and how that is filled.

Interrupt a run anywhere; the same stages do exactly what is missing, and nothing twice.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Generic, TypeVar

from probe.display import Display, Progress
from probe.records.run_folder import RunFolder
from probe.records.store import Store

T = TypeVar("T")


class Stage(ABC, Generic[T]):
    """A stage of a run; `T` is what it does one of at a time, most often an attempt."""

    name: str
    """As it is shown."""

    @abstractmethod
    def missing(self, folder: RunFolder) -> list[T]:
        """What the folder lacks of this stage, in the run's order."""

    def ready(self, folder: RunFolder, missing: list[T]) -> list[T]:  # noqa: ARG002
        """Of what is missing, what can be done now: what the stage before has left for it."""
        return missing

    @abstractmethod
    def work(self, store: Store, waiting: Sequence[T], progress: Progress) -> None:
        """Do what is waiting, and keep each as it is done."""

    def fill(self, store: Store, display: Display) -> None:
        """Do all that is missing and can be done now."""
        waiting = self.ready(store, self.missing(store))
        if waiting:
            with display.stage(self.name, len(waiting)) as progress:
                self.work(store, waiting, progress)
