"""A strategy, a scripted model and a sandbox that plays tones: what the tests of talks share."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from probe.ask.stage import CompleteStage
from probe.ask.strategies import open_strategy
from probe.display import Display
from probe.models.base import Request
from probe.records import Limits, Place
from probe.records.languages import LANGUAGES
from probe.records.run_folder import Attempt, RunFolder
from probe.records.store import Store
from probe.render.stage import RenderStage
from probe.sandbox import Execution
from probe.tier.folder import LoadedTier
from tests.fakes.runs import run
from tests.fakes.sandbox import FakeSandbox
from tests.fakes.talkers import Says, Talker, play
from tests.fakes.tiers import loaded_tier, prompt

TIER = loaded_tier(prompt("a", text="A tone."), prompt("b", text="Another tone."))


def quiet() -> Display:
    """A display that nobody sees."""
    return Display(Console(file=io.StringIO()))


class Bench:
    """A run of one strategy in a folder."""

    def __init__(
        self,
        folder: Path,
        strategy: str,
        answer: Callable[[Request], Says],
        *,
        loaded: LoadedTier = TIER,
        prompts: str = "a",
        samples: int = 1,
        execute: Callable[[str, Limits], Execution] = play,
    ) -> None:
        self.folder = folder
        self.loaded = loaded
        self.model = Talker(answer)
        self.sandbox = FakeSandbox(execute)
        self.strategy = open_strategy(strategy)
        self.strategy.check(loaded, LANGUAGES["python"])
        places = {name: Place(group="single", level=1) for name in prompts}
        self.spec = run(strategy=self.strategy.name, prompts=places, samples=samples)

    def ask(self) -> RunFolder:
        """Ask what the run lacks."""
        with Store.open(self.folder, self.spec) as store:
            CompleteStage(self.model, self.loaded, self.sandbox).fill(store, quiet())
        return RunFolder(self.folder)

    def missing(self, folder: RunFolder) -> list[Attempt]:
        """Attempts that are still to be answered."""
        return CompleteStage(self.model, self.loaded, self.sandbox).missing(folder)

    def render(self) -> RunFolder:
        """Render what the run lacks."""
        with Store.open(self.folder, self.spec) as store:
            RenderStage(self.sandbox, self.loaded).fill(store, quiet())
        return RunFolder(self.folder)

    def all(self) -> RunFolder:
        """Both."""
        self.ask()
        return self.render()
