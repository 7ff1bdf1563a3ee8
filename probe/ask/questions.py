"""Asking a model for many replies: as many at once as its door allows, and an orderly end.

An end comes from the person (Ctrl-C), from a service that refuses everything, from a limit of
money, or from a disk that takes no more. It is the same each time: nothing more is asked, what is
under way ends and is kept.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from collections.abc import Awaitable, Callable, Collection, Iterator, Sequence

from probe.ask.budget import OverBudgetError
from probe.errors import ProbeError
from probe.models.base import (
    FilteredError,
    LanguageModel,
    ProviderError,
    Reply,
    Request,
    StoppedError,
)
from probe.records import Completion, Extraction, Outcome
from probe.records.languages import Language
from probe.records.replies import extract, is_refusal
from probe.records.run_folder import Attempt, RunFolder
from probe.tier.folder import LoadedTier
from probe.tier.template import message

# --- one question --------------------------------------------------------------------------------


class Questions:
    """The first request of every attempt of a run.

    Parameters
    ----------
    loaded : LoadedTier
        The tier.
    prompts : sequence of str
        Ids of the run's prompts: what their messages begin with alike can be cached by a service.
    settings : dict
        The model's; a `max_tokens` there goes before the tier's limit.
    spoken : Language
        What programs are to be written in.
    """

    def __init__(
        self,
        loaded: LoadedTier,
        prompts: Sequence[str],
        settings: dict[str, object],
        spoken: Language,
    ) -> None:
        wanted = set(prompts)
        self._prompts = {p.id: p for p in loaded.prompts if p.id in wanted}
        self._texts = {p.id: message(loaded, p, spoken) for p in self._prompts.values()}
        self._shared = _alike(self._texts.values())
        self._max_tokens = settings.get("max_tokens", loaded.tier.limits.reply_tokens)

    def request(self, attempt: Attempt) -> Request:
        """What is asked first."""
        prompt, sample = attempt
        return Request.model_validate(
            {
                "prompt": self._prompts[prompt],
                "sample": sample,
                "text": self._texts[prompt],
                "shared": self._shared,
                "max_tokens": self._max_tokens,
            }
        )


def _alike(texts: Collection[str]) -> int:
    """Characters that all texts begin with; the first and the last of them in order tell."""
    first, last = min(texts), max(texts)
    pairs = enumerate(zip(first, last, strict=False))
    return next((place for place, (a, b) in pairs if a != b), len(first))


async def ask(
    model: LanguageModel,
    request: Request,
    spoken: Language,
    reading: Callable[[Reply], Outcome] | None = None,
) -> Completion:
    """Ask once; a service's failure is a row like any other.

    `reading` says what a reply amounts to, where it is not to be a program.

    Raises
    ------
    StoppedError
        Asking has ended; nothing is to be recorded.
    UsageError, PrerequisiteError
        Every request would fail.
    """
    began = time.monotonic()
    try:
        reply = await model.complete(request)
    except ProviderError as error:
        return Completion(
            prompt=request.prompt.id,
            sample=request.sample,
            outcome=Outcome.PROVIDER_ERROR,
            finish_reason="refusal" if isinstance(error, FilteredError) else None,
            error=str(error),
            latency_s=time.monotonic() - began,
            tries=error.tries,
            discarded=error.discarded,
        )
    outcome, extraction = (reading(reply), None) if reading else _reading(reply, spoken)
    return Completion(
        prompt=request.prompt.id,
        sample=request.sample,
        outcome=outcome,
        extraction=extraction,
        **reply.model_dump(),
    )


def _reading(reply: Reply, spoken: Language) -> tuple[Outcome, Extraction | None]:
    """What a reply amounts to: a program and how it was found, a refusal, or neither."""
    if reply.finish_reason == "refusal":
        return Outcome.REFUSED, None
    found = extract(reply.text, truncated=reply.finish_reason == "length", spoken=spoken)
    if found:
        return Outcome.OK, found.extraction
    return (Outcome.REFUSED if is_refusal(reply.text) else Outcome.NO_CODE), None


# --- what a content filter refused ---------------------------------------------------------------


def is_filtered(row: Completion) -> bool:
    """Whether the service's content filter refused, and nobody has called it the prompt's fault."""
    return row.outcome is Outcome.PROVIDER_ERROR and row.finish_reason == "refusal"


def settled(row: Completion, folder: RunFolder) -> Completion:
    """The row; as the prompt's own refusal where the filter let another prompt of the run pass."""
    if not is_filtered(row) or not any(
        other.error is None and other.prompt != row.prompt
        for other in folder.completions.latest.values()
    ):
        return row
    return row.model_copy(update={"outcome": Outcome.REFUSED})


# --- many questions ------------------------------------------------------------------------------


async def ask_all(
    model: LanguageModel,
    attempts: Sequence[Attempt],
    answer: Callable[[Attempt], Awaitable[None]],
    say: Callable[[str], None],
) -> OverBudgetError | None:
    """Have every attempt answered, and let go of the model's connections.

    Parameters
    ----------
    model : LanguageModel
        Whose door says how many at once.
    attempts : sequence of Attempt
        What to answer, in this order.
    answer : callable
        Answers one attempt through `model` and keeps what comes of it.
    say : callable
        Tells the person a line.

    Returns
    -------
    OverBudgetError or None
        Why some attempts were left out, if money is why.

    Raises
    ------
    UsageError, PrerequisiteError
        The service refuses every request.
    OSError
        What was answered cannot be kept.
    KeyboardInterrupt
        The person pressed Ctrl-C; once: what was under way is kept, twice: it is not.
    """
    queue = iter(attempts)
    end = _End(model, say)

    async def work() -> None:
        for attempt in queue:
            end.under_way += 1
            try:
                await answer(attempt)
            except (ProbeError, OSError) as error:  # a disk that is full, among them
                end.come(error)
            finally:
                end.under_way -= 1
            if end.reason:
                return

    try:
        with end.at_interrupt():
            async with asyncio.TaskGroup() as group:
                for _ in range(min(model.concurrency, len(attempts))):
                    group.create_task(work())
    except asyncio.CancelledError:
        if end.interrupts:
            raise KeyboardInterrupt from None
        raise
    except ExceptionGroup as errors:
        raise errors.exceptions[0] from None
    finally:
        await model.aclose()
    if end.interrupts:
        raise KeyboardInterrupt
    if end.reason is None or isinstance(end.reason, OverBudgetError):
        return end.reason
    raise end.reason


class _End:
    """Whether asking is at its end, and why."""

    def __init__(self, model: LanguageModel, say: Callable[[str], None]) -> None:
        self.reason: ProbeError | OSError | None = None
        self.interrupts = 0
        self.under_way = 0
        self._model = model
        self._say = say

    def come(self, reason: ProbeError | OSError) -> None:
        """Ask nothing more. A request that was only held up is no reason of its own."""
        if self.reason is None or (type(self.reason) is StoppedError):
            self.reason = reason
        self._model.halt()

    @contextlib.contextmanager
    def at_interrupt(self) -> Iterator[None]:
        """Take Ctrl-C, where there is a terminal's to take."""
        task = asyncio.current_task()
        loop = asyncio.get_running_loop()

        def interrupted() -> None:
            self.interrupts += 1
            if self.interrupts > 1 and task:
                task.cancel()
                return
            self._say(f"interrupted: {self.under_way} under way are kept; Ctrl-C again: stop now")
            self.come(StoppedError("interrupted"))

        handled = signal.getsignal(signal.SIGINT) not in (signal.SIG_IGN, None)
        try:
            if handled:
                loop.add_signal_handler(signal.SIGINT, interrupted)
        except (RuntimeError, ValueError):  # not the main thread
            handled = False
        try:
            yield
        finally:
            if handled:
                loop.remove_signal_handler(signal.SIGINT)
