"""Asking: the stage that costs money does exactly what the logs lack, and nothing twice.

Only the thread that calls a stage writes to the store. Rendering and scoring, the stages after it,
are `probe.render.stage` and `probe.score.stage`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

from probe.ask.questions import Questions, ask_all
from probe.ask.strategies import open_strategy
from probe.ask.talk import BrokenOffError, Listening, Talk
from probe.display import Display
from probe.models.base import LanguageModel
from probe.parallel import CORES
from probe.records import Outcome
from probe.records.languages import language
from probe.records.store import Attempt, RunFolder, Store
from probe.sandbox import Sandbox
from probe.tier.folder import LoadedTier


def uncompleted(folder: RunFolder) -> list[Attempt]:
    """Attempts without a reply that counts."""
    there = folder.latest_completions
    return [a for a in folder.attempts if a not in there or there[a].outcome.ours]


def turns_kept(folder: RunFolder, attempt: Attempt) -> int:
    """How many turns of an attempt's talk need not be asked again."""
    return sum(not reply.outcome.ours for reply in folder.turns(attempt))


def complete(
    store: Store,
    model: LanguageModel,
    loaded: LoadedTier,
    display: Display,
    sandbox: Sandbox | None = None,
) -> None:
    """Ask the model for every answer the store lacks, the way the run's strategy says.

    `sandbox` is for strategies that run programs while they ask.

    Raises
    ------
    UsageError, PrerequisiteError
        The service refuses every request (an option it does not take, a bad key, no such model).
    KeyboardInterrupt
        The person pressed Ctrl-C; replies that were under way are in the store.
    """
    attempts = uncompleted(store)
    if not attempts:
        return
    spec = store.run.spec
    spoken = language(spec.language)
    strategy = open_strategy(spec.strategy)
    questions = Questions(loaded, list(spec.prompts), model.settings(), spoken)
    with display.stage("complete", len(attempts)) as stage, _listening(sandbox) as listening:

        async def answer(attempt: Attempt) -> None:
            talk = Talk(attempt, store, model, loaded, questions, listening)
            # A talk that broke off has its failure in the store, or is taken up by the next run.
            with contextlib.suppress(BrokenOffError):
                await strategy.answer(talk)
            stage.advance(_standing(store, attempt))

        over = asyncio.run(ask_all(model, attempts, answer, display.say))
    if over:
        display.say(f"stopped before --max-cost is passed: {over}")


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


def _standing(store: Store, attempt: Attempt) -> Outcome:
    """How an attempt stands after it was asked; our failure where it broke off."""
    reply = store.stands(attempt)
    return reply.outcome if reply else Outcome.SANDBOX_ERROR
