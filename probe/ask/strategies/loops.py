"""Ways of asking that run the program and tell the model what came of it."""

from __future__ import annotations

import re

from probe.ask.strategies import hearing
from probe.ask.strategies.base import Conversation, Heard, Step, Turns, opened, said
from probe.models.base import Turn
from probe.records import Completion, Outcome, Part, Prompt
from probe.records.languages import Language
from probe.text import printable
from probe.tier.folder import LoadedTier

STDERR_LENGTH = 2000
"""Characters of a program's standard error that are sent back: a traceback's end says most."""

DETAIL_LENGTH = 300

LONGEST_FAILURE = 10_000
"""No message about a failure has more bytes: each character takes up to four."""

_TYPICAL_FAILURE = 800
_TYPICAL_IMPRESSION = 1300


class _Loop:
    """Ask, run, say what came of it, at most so many times over."""

    kind: str
    uses_sandbox = True
    words: tuple[str, ...]

    def __init__(self, rounds: int = 2) -> None:
        self._rounds = rounds
        self.name = f"{self.kind}:{rounds}"

    def check(self, loaded: LoadedTier, spoken: Language) -> None:
        """Any tier can be asked, in any language."""

    def opening(self, loaded: LoadedTier, prompt: Prompt, first: str) -> str:  # noqa: ARG002
        """The tier's words."""
        return first


_WHY = {
    Outcome.NO_CODE: "Your answer held no program in a fenced code block.",
    Outcome.REFUSED: "Your answer held no program.",
    Outcome.RUNTIME_ERROR: "The program ended with an error.",
    Outcome.CRASHED: "The program crashed.",
    Outcome.TIMEOUT: "The program took too long and was stopped.",
    Outcome.MEMORY_LIMIT: "The program needed more memory than it may use and was stopped.",
    Outcome.PROCESS_LIMIT: "The program started more processes than it may.",
    Outcome.OUTPUT_LIMIT: "The program wrote more than it may.",
    Outcome.NO_OUTPUT: "The program ended without leaving the WAV file.",
    Outcome.INVALID_AUDIO: "The program left a file that is not the audio that was asked for.",
}
_FOUND = "What was found: {detail}"
_STDERR = "The end of its standard error:\n\n~~~\n{stderr}\n~~~"
_AGAIN = "Write the whole program again, corrected, in one fenced code block."
_FAILURE = (*_WHY.values(), _FOUND, _STDERR, _AGAIN)

DONE = "DONE"
"""What a model answers that would change nothing."""

IMPRESSION = (
    "The program ran. Measured, its audio is:\n\n"
    "{description}\n\n"
    "Compare this with what was asked. If something should be better, write the whole improved"
    " program in one fenced code block. If nothing should, answer with the one word"
    f" {DONE}.\n"
)


class Repair(_Loop):
    """Send a failure back until the program runs; one that runs is not touched."""

    kind = "repair"
    words = _FAILURE

    async def answer(self, talk: Conversation) -> None:
        """Take the first reply whose program leaves audio, or the last one."""
        text, history = opened(self, talk), list[Turn]()
        reply = await talk.ask(text)
        for _ in range(self._rounds):
            heard = await talk.hear(Part(turn=reply.turn))
            if heard.outcome is Outcome.OK:
                break
            history += said(text, reply)
            text = failure(heard)
            reply = await talk.ask(text, history)
        talk.answer(Part(turn=reply.turn))

    def turns(self, opening: int, first: int) -> Turns:  # noqa: ARG002
        """One, and at most one more for each round."""
        return Turns(
            fewest=(Step(opening),),
            expected=_rounds(opening, self._rounds // 2, _TYPICAL_FAILURE),
            most=_rounds(opening, self._rounds, LONGEST_FAILURE),
        )


class Refine(_Loop):
    """Describe the audio in words and numbers and let the model improve its program."""

    kind = "refine"
    words = (*_FAILURE, IMPRESSION)

    async def answer(self, talk: Conversation) -> None:
        """Take the last reply whose program leaves audio, or the last one."""
        text, history = opened(self, talk), list[Turn]()
        reply = await talk.ask(text)
        best = None
        for _ in range(self._rounds):
            heard = await talk.hear(Part(turn=reply.turn), described=True)
            if heard.outcome is Outcome.OK:
                best = reply
            history += said(text, reply)
            text = impression(heard.description) if heard.description else failure(heard)
            reply = await talk.ask(text, history)
            if heard.description and self._content(talk, reply):
                break
        else:
            if (await talk.hear(Part(turn=reply.turn))).outcome is Outcome.OK:
                best = reply
        talk.answer(Part(turn=(best or reply).turn))

    def _content(self, talk: Conversation, reply: Completion) -> bool:
        """Whether the model would change nothing."""
        return talk.program(reply) is None and re.search(rf"\b{DONE}\b", reply.text) is not None

    def turns(self, opening: int, first: int) -> Turns:  # noqa: ARG002
        """Two, where the model is content at once, and at most one for each round."""
        return Turns(
            fewest=(Step(opening), Step(opening, brief=True)),
            expected=_rounds(opening, self._rounds, _TYPICAL_IMPRESSION),
            most=_rounds(opening, self._rounds, max(LONGEST_FAILURE, _LONGEST_IMPRESSION)),
        )


_LONGEST_IMPRESSION = hearing.LONGEST + len(IMPRESSION)


def _rounds(opening: int, count: int, each: int) -> tuple[Step, ...]:
    """A talk of so many rounds after the opening, all of which every request repeats."""
    return tuple(Step(opening + n * each, replies=n) for n in range(count + 1))


def failure(heard: Heard) -> str:
    """Say how a program failed, with the end of what it printed, and ask for another."""
    parts = [_WHY[heard.outcome]]
    if heard.detail:
        detail = " ".join(_plain(heard.detail).split())
        parts.append(_FOUND.format(detail=detail[:DETAIL_LENGTH]))
    if stderr := _plain(heard.stderr).strip():
        parts.append(_STDERR.format(stderr=stderr[-STDERR_LENGTH:]))
    return "\n\n".join([*parts, _AGAIN]) + "\n"


def _plain(text: str) -> str:
    """A program's own words, unable to end the block they stand in."""
    return printable(text).replace("~~~", "---")


def impression(description: str) -> str:
    """Say what the audio is, and ask for a better program."""
    return IMPRESSION.format(description=description)
