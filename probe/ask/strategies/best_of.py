"""Several replies, of which a judge that is not the reported metric takes one."""

from __future__ import annotations

import json
import re
import statistics
from collections.abc import Sequence

from probe.ask.strategies import hearing
from probe.ask.strategies.base import Conversation, Step, Turns, opened, said
from probe.models.base import Reply, Turn
from probe.records import Outcome, Part, Prompt
from probe.records.languages import Language
from probe.records.run_folder import RunFolder
from probe.tier.folder import LoadedTier

WORST, BEST = 0.0, 100.0
"""The judge's scale; a candidate without audio gets the worst without being judged."""

JUDGE = """\
Several programs tried to synthesize this sound:

{text}

It should last {duration:.12g} seconds. None of the results can be heard here; this is what was \
measured of each.

{candidates}\
Judge how well each fits what was asked, from 0 (not at all) to 100 (exactly). Answer with JSON \
alone: a list of {count} numbers in the order of the candidates, in one fenced block that begins \
with ```json.
"""

CANDIDATE = "Candidate {number}:\n\n{description}\n\n"

AGAIN = "That is not a list of {count} numbers from 0 to 100. Answer with the list alone.\n"


class BestOf:
    """Ask several times and take what the model itself judges best from measured descriptions.

    The judge never sees the truth, and what it gives is no metric of any tier.

    Parameters
    ----------
    count : int
        How many replies.
    """

    uses_sandbox = True
    words: tuple[str, ...] = (JUDGE, CANDIDATE, AGAIN)
    judge = "self"

    def __init__(self, count: int = 4) -> None:
        self._count = count
        self.name = f"best-of:{count}"

    def check(self, loaded: LoadedTier, spoken: Language) -> None:
        """Any tier can be asked, in any language."""

    def opening(self, loaded: LoadedTier, prompt: Prompt, first: str) -> str:  # noqa: ARG002
        """The tier's words."""
        return first

    def turns(self, opening: int, first: int) -> Turns:
        """The candidates, and the judgement where there is more than one to choose from."""
        candidates = (Step(opening),) * self._count
        # The judge is told the prompt's text, which the tier's words hold too.
        judged = len(JUDGE) + first + self._count * (hearing.LONGEST + len(CANDIDATE))
        again = Step(judged + len(AGAIN), replies=1)
        expected = Step(judged // 2, brief=True)
        return Turns(candidates, (*candidates, expected), (*candidates, Step(judged), again))

    async def answer(self, talk: Conversation) -> None:
        """Take the candidate with the highest judgement, the first of equals.

        Where there was nothing to choose from, or no judgement came, it is the first with audio;
        then no judge is named.
        """
        words = opened(self, talk)
        turns = [(await talk.ask(words, draw=draw)).turn for draw in range(self._count)]
        heard = [await talk.hear(Part(turn=turn), described=True) for turn in turns]
        there = [place for place, found in enumerate(heard) if found.description]
        values = None
        if len(there) > 1:
            values = await self._judge(talk, [heard[place].description for place in there])
        if values is None:
            talk.answer(Part(turn=turns[there[0] if there else 0]))
            return
        judged = [WORST] * self._count
        for place, value in zip(there, values, strict=True):
            judged[place] = value
        best = max(there, key=lambda place: (judged[place], -place))
        talk.answer(Part(turn=turns[best]), judge=self.judge, judged=judged)

    async def _judge(self, talk: Conversation, descriptions: Sequence[str]) -> list[float] | None:
        """What the model gives each; None where it gives nothing of use twice over."""
        count = len(descriptions)
        text = JUDGE.format(
            text=talk.prompt.text,
            duration=talk.prompt.duration_s,
            candidates="".join(
                CANDIDATE.format(number=number, description=description)
                for number, description in enumerate(descriptions, start=1)
            ),
            count=count,
        )

        def reading(reply: Reply) -> Outcome:
            return Outcome.OK if read_judgement(reply.text, count) else Outcome.NO_CODE

        history: list[Turn] = []
        for words in (text, AGAIN.format(count=count)):
            reply = await talk.ask(words, history, reading=reading)
            if values := read_judgement(reply.text, count):
                return values
            history += said(words, reply)
        return None


_LIST = re.compile(r"\[[^\[\]]*\]")


def read_judgement(text: str, count: int) -> list[float] | None:
    """The last list of `count` numbers from 0 to 100 in a reply, or None."""
    for found in reversed(_LIST.findall(text)):
        try:
            values = json.loads(found)
        except ValueError:
            continue
        if len(values) == count and all(
            isinstance(v, int | float) and not isinstance(v, bool) and WORST <= v <= BEST
            for v in values
        ):
            return [float(v) for v in values]
    return None


def judgement(run: RunFolder) -> str | None:
    """What judges gave in a run, in a line beside its scores; None where nobody judged."""
    answers = [answer for answer in run.answers.latest.values() if answer.judge]
    if not answers:
        return None
    taken = statistics.mean(max(answer.judged) for answer in answers)
    every = statistics.mean(value for answer in answers for value in answer.judged)
    return (
        f"judged by {answers[0].judge} in {len(answers)} of {len(run.attempts)} attempts, from"
        f" {WORST:g} to {BEST:g}: {taken:.1f} for what was taken, {every:.1f} for all candidates"
    )
