"""One attempt's talk with a model: every turn kept, none asked twice."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path

from probe.ask.questions import Questions, ask, settled
from probe.ask.strategies.base import Heard, Reading
from probe.ask.strategies.hearing import describe
from probe.errors import ProbeError, UsageError
from probe.models.base import LanguageModel, Request, Turn
from probe.models.cache import Cached
from probe.records import Answer, Completion, Hearing, Part
from probe.records.languages import language
from probe.records.log import line_of
from probe.records.replies import extracted_from
from probe.records.run_folder import Attempt
from probe.records.store import Store
from probe.render.stage import NoProgram, Program, perform, programs_of
from probe.sandbox import Sandbox
from probe.tier.folder import LoadedTier
from probe.tier.template import message


class BrokenOffError(ProbeError):
    """A service or the sandbox failed in the middle of a talk; it is taken up by the next run."""


@dataclass(frozen=True)
class Listening:
    """Where programs run while a model is asked."""

    sandbox: Sandbox
    threads: Executor


class Talk:
    """A `Conversation` over a run folder; see `probe.ask.strategies.base`.

    Parameters
    ----------
    attempt : Attempt
        Prompt id and sample.
    store : Store
        Keeps the turns and what was heard; what it has from an earlier run is neither asked nor run
        again. So a talk goes on from where it was, also when its programs sound different each
        time.
    model : LanguageModel
        Who is asked.
    loaded : LoadedTier
        The tier.
    questions : Questions
        What a request of this run is like.
    listening : Listening, optional
        For strategies that run programs on the way.
    say : callable
        Tells the person a line.
    """

    def __init__(
        self,
        attempt: Attempt,
        store: Store,
        model: LanguageModel,
        loaded: LoadedTier,
        questions: Questions,
        listening: Listening | None,
        say: Callable[[str], None],
    ) -> None:
        self.loaded = loaded
        self._attempt = attempt
        self._store = store
        self._model = model
        self._listening = listening
        self._say = say
        self._language = language(store.run.spec.language)
        self._request = questions.request(attempt)
        self._turns: list[Completion] = []
        self.prompt = self._request.prompt
        self.first = self._request.text

    def about(self, text: str, duration_s: float) -> str:
        """The tier's words around another text and length."""
        asked = self.prompt.model_copy(update={"text": text, "duration_s": duration_s})
        return message(self.loaded, asked, self._language)

    async def ask(
        self,
        text: str,
        history: Sequence[Turn] = (),
        *,
        draw: int = 0,
        reading: Reading | None = None,
        final: bool = False,
    ) -> Completion:
        """Say `text` and keep the reply; one that is kept already is given back.

        Raises
        ------
        BrokenOffError
            The service failed; the failure is kept as this turn.
        UsageError
            The run holds a reply to other words at this turn, so another probe began it.
        OSError
            The reply cannot be written down; it was said where it is.
        """
        turn = len(self._turns)
        sent = None if text == self.first else hashlib.sha256(text.encode()).hexdigest()
        row = self._store.completions.latest.get((*self._attempt, turn))
        if row is None or row.outcome.ours:
            request = self._asking(text, history, draw)
            row = await ask(self._model, request, self._language, reading)
            row = row.model_copy(update={"turn": turn, "sent": sent, "open": not final})
            row = settled(row, self._store)
            self._keep(row, request)
        elif row.sent != sent:
            prompt, sample = self._attempt
            raise UsageError(
                f"{self._store.folder}: turn {turn} of {prompt}.{sample} answers other words than"
                " this probe says; --fresh begins anew, --results writes elsewhere"
            )
        if row.outcome.ours:
            raise BrokenOffError(row.error or row.outcome)
        self._turns.append(row)
        return row

    def _keep(self, row: Completion, request: Request) -> None:
        """Write a turn down; what was paid for and cannot be is said where it is to be had."""
        try:
            if row.sent is not None:
                self._store.add_message(request.text)
            self._store.add_completion(row)
        except OSError as error:
            if not row.outcome.ours:
                self._say(_unkept(row, error, self._store.completions.path, self._held(request)))
            raise

    def _held(self, request: Request) -> bool:
        """Whether the reply to a request is in the cache of replies."""
        return isinstance(self._model, Cached) and self._model.lookup(request) is not None

    def _asking(self, text: str, history: Sequence[Turn], draw: int) -> Request:
        begins_alike = text.startswith(self.first[: self._request.shared])
        return self._request.model_copy(
            update={
                "text": text,
                "history": tuple(history),
                "shared": self._request.shared if begins_alike and not history else 0,
                "draw": draw,
            }
        )

    def program(self, reply: Completion) -> str | None:
        """The program that a reply holds."""
        extracted = extracted_from(reply, self._language)
        return extracted.program if extracted else None

    async def hear(self, *parts: Part, described: bool = False) -> Heard:
        """Run the programs of these turns, mixed at their times, unless it is known what comes.

        Raises
        ------
        BrokenOffError
            The sandbox failed.
        """
        programs = programs_of(parts, self._turns, self.prompt, self._language)
        if isinstance(programs, NoProgram):
            return Heard(*programs)
        row = self._store.hearings.latest.get((*self._attempt, parts))
        if row is None:
            assert self._listening is not None, "the strategy did not say that it runs programs"
            threads, loop = self._listening.threads, asyncio.get_running_loop()
            row = await loop.run_in_executor(threads, self._listen, parts, programs, described)
            if row.outcome.ours:
                raise BrokenOffError(row.detail or row.outcome)
            self._store.add_hearing(row)
        return Heard(row.outcome, row.detail, row.stderr_tail, row.description)

    def _listen(
        self, parts: tuple[Part, ...], programs: Sequence[Program], described: bool
    ) -> Hearing:
        """Run programs; in a thread of its own, because it takes its time."""
        assert self._listening is not None
        tier, (prompt, sample) = self.loaded.tier, self._attempt
        done = perform(self._listening.sandbox, tier, self.prompt, sample, programs, self._language)
        description = ""
        if described and done.pcm is not None:
            description = describe(done.pcm / float(1 << 15), tier.sample_rate)
        return Hearing(
            prompt=prompt,
            sample=sample,
            parts=parts,
            outcome=done.row.outcome,
            detail=done.row.detail,
            stderr_tail=done.row.stderr_tail,
            description=description,
        )

    def answer(self, *parts: Part, judge: str | None = None, judged: Sequence[float] = ()) -> None:
        """Say which turns hold the answer; one that needs no saying is not written down."""
        if len(parts) == 1 and not self._turns[parts[0].turn].open:
            return
        prompt, sample = self._attempt
        self._store.add_answer(
            Answer(prompt=prompt, sample=sample, parts=parts, judge=judge, judged=tuple(judged))
        )


def _unkept(row: Completion, error: OSError, log: Path, held: bool) -> str:
    """Where a reply is that its log does not take."""
    what = f"the reply to {row.prompt}.{row.sample} cannot be written ({error.strerror})"
    if held:
        return f"{what}; the cache of replies has it, and the same command takes it from there"
    return (
        f"{what}; it is printed here, append this line to {log}:\n{line_of(row).decode().rstrip()}"
    )
