"""Asking: the stage that costs money does exactly what the logs lack, and nothing twice.

Only the thread that calls a stage writes to the store.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from probe.ask.estimate import Outline, outline
from probe.ask.questions import Questions, ask_all, is_filtered, settled
from probe.ask.strategies import open_strategy
from probe.ask.talk import BrokenOffError, Listening, Talk
from probe.display import Progress
from probe.errors import UsageError
from probe.models.base import LanguageModel, Patient
from probe.parallel import CORES
from probe.records import Outcome, Run
from probe.records.languages import language
from probe.records.run_folder import Attempt, RunFolder
from probe.records.stage import Stage
from probe.records.store import Store
from probe.sandbox import Sandbox
from probe.tier.folder import LoadedTier


class CompleteStage(Stage[Attempt]):
    """A reply to every attempt, the way the run's strategy says.

    Parameters
    ----------
    model : LanguageModel
        Who is asked.
    loaded : LoadedTier
        The tier.
    sandbox : Sandbox, optional
        For strategies that run programs while they ask.
    """

    name = "complete"

    def __init__(
        self, model: LanguageModel, loaded: LoadedTier, sandbox: Sandbox | None = None
    ) -> None:
        self._model = model
        self._loaded = loaded
        self._sandbox = sandbox

    def missing(self, folder: RunFolder) -> list[Attempt]:
        """Attempts without a reply that counts."""
        there = folder.latest_completions
        return [a for a in folder.asked if (row := there.get(a)) is None or row.outcome.ours]

    def work(self, store: Store, waiting: Sequence[Attempt], progress: Progress) -> None:
        """Ask for every answer, as many at once as the model's door allows.

        Raises
        ------
        UsageError, PrerequisiteError
            The service refuses every request (an option it does not take, a bad key, no such
            model).
        KeyboardInterrupt
            The person pressed Ctrl-C; replies that were under way are in the store.
        """
        spec = store.run.spec
        strategy = open_strategy(spec.strategy)
        questions = self.questions(store.run)
        say = progress.display.say
        if isinstance(self._model, Patient):
            self._model.listen(progress.waiting)
        with _listening(self._sandbox) as listening:

            async def answer(attempt: Attempt) -> None:
                talk = Talk(attempt, store, self._model, self._loaded, questions, listening, say)
                # A talk that broke off has its failure in the store, or the next run takes it up.
                with contextlib.suppress(BrokenOffError):
                    await strategy.answer(talk)
                reply = store.stands(attempt)
                if reply and reply.failure:
                    kind = f"{reply.outcome}: {reply.failure}"
                    progress.tell(kind, f"{self.name:<9} {attempt[0]}: {reply.error}")
                # One that broke off while it listened is our failure.
                progress.advance(reply.outcome if reply else Outcome.SANDBOX_ERROR)

            over = asyncio.run(ask_all(self._model, waiting, answer, say))
        _settle(store, waiting)
        if over:
            say(f"stopped before --max-cost is passed: {over}")

    def questions(self, run: Run) -> Questions:
        """The first request of every attempt of a run."""
        spec = run.spec
        settings = self._model.settings()
        return Questions(self._loaded, list(spec.prompts), settings, language(spec.language))

    def outlines(self, folder: RunFolder) -> Iterator[Outline]:
        """What is still to be asked in the talk of each attempt that is missing."""
        strategy, questions = open_strategy(folder.run.spec.strategy), self.questions(folder.run)
        for attempt in self.missing(folder):
            kept = sum(not reply.outcome.ours for reply in folder.turns(attempt))
            yield outline(strategy, self._loaded, questions.request(attempt), kept)


def _settle(store: Store, asked: Sequence[Attempt]) -> None:
    """See whether the filter refused single prompts, asked before any was answered, or all of them.

    Raises
    ------
    UsageError
        The filter lets nothing pass: that is no answer of the model's.
    """
    filtered = [row for a in asked if (row := store.stands(a)) and is_filtered(row)]
    for row in filtered:
        if (found := settled(row, store)) is not row:
            store.add_completion(found)
        elif len(store.run.spec.prompts) == len({one.prompt for one in filtered}):
            raise UsageError(
                f"the service's content filter refuses every prompt of {store.run.spec.model}, so"
                f" nothing is measured; its words: {row.error}; check its filter and --set system"
            )


@contextlib.contextmanager
def _listening(sandbox: Sandbox | None) -> Iterator[Listening | None]:
    """Threads that wait for programs; at an end in haste nobody waits for them."""
    if sandbox is None:
        yield None
        return
    threads = ThreadPoolExecutor(CORES, thread_name_prefix="listening")
    try:
        yield Listening(sandbox, threads)
    finally:
        threads.shutdown(wait=False, cancel_futures=True)
