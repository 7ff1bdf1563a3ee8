"""What a way of asking looks like, and what it may do.

A strategy talks to the model about one attempt and says at its end which of the replies hold the
answer. What is said goes through a `Conversation`, which keeps every turn and what was heard of
each program: a strategy that is run again after an interruption says the same words, gets the kept
replies back, and goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from probe.models.base import Reply, Turn
from probe.records import Completion, Outcome, Part, Prompt
from probe.records.languages import Language
from probe.tier.folder import LoadedTier

Reading = Callable[[Reply], Outcome]
"""What a reply amounts to."""


@dataclass(frozen=True)
class Heard:
    """What came of running programs on the way to an answer."""

    outcome: Outcome
    detail: str | None = None
    stderr: str = ""
    description: str = ""
    """What the audio is, where that was asked for and there is audio."""


class Conversation(Protocol):
    """One attempt's talk with a model."""

    prompt: Prompt
    loaded: LoadedTier
    first: str
    """The tier's words around the prompt."""

    def about(self, text: str, duration_s: float) -> str:
        """The tier's words around another text and length."""
        ...

    async def ask(
        self,
        text: str,
        history: Sequence[Turn] = (),
        *,
        draw: int = 0,
        reading: Reading | None = None,
        final: bool = False,
    ) -> Completion:
        """Say `text` after `history` and keep the reply as the next turn.

        `draw` tells the same words asked several times apart. `reading` says what a reply amounts
        to, where it is not to be a program. A `final` reply is the answer whatever it holds.
        """
        ...

    def program(self, reply: Completion) -> str | None:
        """The program that a reply holds."""
        ...

    async def hear(self, *parts: Part, described: bool = False) -> Heard:
        """Run the programs of these turns under the tier's limits, mixed at their times."""
        ...

    def answer(self, *parts: Part, judge: str | None = None, judged: Sequence[float] = ()) -> None:
        """Say which turns hold the answer; with what a judge gave each candidate."""
        ...


class Step(NamedTuple):
    """One request of a talk that was not held yet."""

    said: int
    """Bytes of our own in it, earlier messages included."""
    replies: int = 0
    """How many earlier replies it repeats."""
    brief: bool = False
    """Whether what comes back is no program but a few words or numbers."""


class Turns(NamedTuple):
    """The requests of one attempt's talk, the opening first: the fewest, as expected, the most."""

    fewest: tuple[Step, ...]
    expected: tuple[Step, ...]
    most: tuple[Step, ...]


class Strategy(Protocol):
    """A way of asking."""

    name: str
    """With its settings, as it is written on the command line."""
    uses_sandbox: bool
    """Whether programs run while the model is asked."""
    words: tuple[str, ...]
    """All that it may say beyond the opening, before it is filled in: part of what a run is."""

    def check(self, loaded: LoadedTier, spoken: Language) -> None:
        """Raise `UsageError` where the tier or the language lacks what the strategy needs."""
        ...

    def opening(self, loaded: LoadedTier, prompt: Prompt, first: str) -> str:
        """The first message; `first` are the tier's words around the prompt."""
        ...

    def turns(self, opening: int, first: int) -> Turns:
        """The requests of one attempt, where opening and tier's words have so many bytes."""
        ...

    async def answer(self, talk: Conversation) -> None:
        """Talk until there is an answer, and say so."""
        ...


WORDLESS = "(nothing)"
"""Stands for a reply without text where it is repeated: services refuse an empty message."""


def said(text: str, reply: Completion) -> tuple[Turn, Turn]:
    """A question and its reply, as history."""
    answered = reply.text if reply.text.strip() else WORDLESS
    return Turn(role="user", text=text), Turn(role="assistant", text=answered)


def opened(strategy: Strategy, talk: Conversation) -> str:
    """The first message of a talk."""
    return strategy.opening(talk.loaded, talk.prompt, talk.first)
