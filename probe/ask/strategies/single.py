"""Ways of asking that take one reply: as it is, after examples, after thinking."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from probe.ask.strategies.base import Conversation, Step, Turns, opened
from probe.errors import UsageError
from probe.records import Part, Prompt
from probe.records.languages import DEFAULT, Language
from probe.tier.folder import LoadedTier
from probe.tier.template import message


class Direct:
    """One prompt, one reply."""

    name = "direct"
    uses_sandbox = False
    words: tuple[str, ...] = ()

    def check(self, loaded: LoadedTier, spoken: Language) -> None:
        """Any tier can be asked, in any language."""

    def opening(self, loaded: LoadedTier, prompt: Prompt, first: str) -> str:  # noqa: ARG002
        """The tier's words."""
        return first

    def turns(self, opening: int, first: int) -> Turns:  # noqa: ARG002
        """One."""
        one = (Step(opening),)
        return Turns(one, one, one)

    async def answer(self, talk: Conversation) -> None:
        """Ask, and take the reply."""
        reply = await talk.ask(opened(self, talk), final=True)
        talk.answer(Part(turn=reply.turn))


REASON = """\

Before you write the program, think the sound through in a few paragraphs: what makes it, which \
parts it has and when each begins and ends, which frequencies and envelopes they have, and how the \
program will compute each of them and check the length. Then write the program. The program is the \
last fenced code block of your answer.
"""


class Reason(Direct):
    """Think first, then write the program."""

    name = "reason"

    def opening(self, loaded: LoadedTier, prompt: Prompt, first: str) -> str:  # noqa: ARG002
        """The tier's words, and how to go about it."""
        return first + REASON


class FewShot(Direct):
    """Worked examples before the prompt: other prompts of the tier with their own programs.

    They come from other groups than the prompt's and each from another one as far as there are
    enough, so that no example shows how this kind of prompt is solved.

    Parameters
    ----------
    count : int
        How many.
    """

    def __init__(self, count: int = 3) -> None:
        self._count = count
        self.name = f"few-shot:{count}"

    def check(self, loaded: LoadedTier, spoken: Language) -> None:
        """The tier needs so many programs outside of each group, in the language asked for."""
        if spoken.name != DEFAULT:
            raise UsageError(
                f"{self.name} shows programs in {DEFAULT}, with every library that it has;"
                f" there are none in {spoken.name}"
            )
        there = _with_programs(loaded)
        for group in loaded.tier.groups:
            others = [p for p in there if p.group != group]
            if len(others) < self._count:
                raise UsageError(
                    f"{self.name} needs {self._count} hand-written programs outside of the group"
                    f" {group!r}; the tier {loaded.tier.name!r} has {len(others)}"
                )

    def opening(self, loaded: LoadedTier, prompt: Prompt, first: str) -> str:
        """The examples, then the tier's words."""
        parts = ["Here are other tasks of this kind, each with a program that solves it.\n"]
        for number, example in enumerate(self.examples(loaded, prompt), start=1):
            program = _program_path(loaded, example).read_text(encoding="utf-8").strip()
            parts.append(
                f"# Task {number}\n\n{message(loaded, example)}\n"
                f"# Answer {number}\n\n```python\n{program}\n```\n"
            )
        return "\n".join([*parts, f"# Your task\n\n{first}"])

    def examples(self, loaded: LoadedTier, prompt: Prompt) -> list[Prompt]:
        """The examples for one prompt, the same on every machine."""

        def lot(other: Prompt) -> bytes:
            return hashlib.sha256(f"{prompt.id}/{other.id}".encode()).digest()

        others = [p for p in _with_programs(loaded) if p.group != prompt.group]
        return _spread(sorted(others, key=lot), self._count)


def _spread(waiting: list[Prompt], count: int) -> list[Prompt]:
    """The first `count`, one of each group before a second of any."""
    chosen: list[Prompt] = []
    while waiting and len(chosen) < count:
        seen: set[str] = set()
        for other in list(waiting):
            if other.group not in seen and len(chosen) < count:
                seen.add(other.group)
                chosen.append(other)
                waiting.remove(other)
    return chosen


def _with_programs(loaded: LoadedTier) -> Sequence[Prompt]:
    return [p for p in loaded.prompts if _program_path(loaded, p).is_file()]


def _program_path(loaded: LoadedTier, prompt: Prompt) -> Path:
    return loaded.folder / "programs" / f"{prompt.id}.py"
