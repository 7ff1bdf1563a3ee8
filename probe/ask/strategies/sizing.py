"""How much a strategy's talks will take, before they are held."""

from __future__ import annotations

from collections.abc import Sequence

from probe.ask.prices import TYPICAL_REPLY, Size
from probe.ask.spending import Outline
from probe.ask.strategies.base import Step, Strategy
from probe.models.base import Request
from probe.tier.folder import LoadedTier

_BRIEF_REPLY = 200
"""Tokens: a plan of three events has about as many, a judgement a tenth."""


def outline(strategy: Strategy, loaded: LoadedTier, first: Request, kept: int = 0) -> Outline:
    """What is still to be asked for one attempt.

    Only the opening is known. A later request may repeat replies that nobody knows yet: none of
    them counts for the least, usual ones at four bytes a token for the expected, and the longest at
    a byte a token for the most, as `probe.ask.prices.estimate` reads them.

    Parameters
    ----------
    strategy : Strategy
        How it is asked.
    loaded : LoadedTier
        The tier.
    first : Request
        The tier's own words, with the reply's limit.
    kept : int
        How many turns there are already.
    """
    text = strategy.opening(loaded, first.prompt, first.text)
    opening = first if text == first.text else first.model_copy(update={"text": text})
    turns = strategy.turns(len(text.encode()), len(first.text.encode()))
    most = first.max_tokens
    return Outline(
        opening=None if kept else opening,
        fewest=_sizes(turns.fewest[kept:], most, repeated=0, brief=1),
        expected=_sizes(turns.expected[kept:], most, 4 * TYPICAL_REPLY, _BRIEF_REPLY),
        # Which of its turns a talk has had is not told: at most, the smallest.
        most=_sizes(sorted(turns.most, key=_weight)[kept:], most, repeated=most, brief=most),
    )


def _weight(step: Step) -> tuple[int, int]:
    return step.replies, step.said


def _sizes(steps: Sequence[Step], most: int, repeated: int, brief: int) -> list[Size]:
    """Sizes with so many bytes for a repeated reply, and so many tokens for a brief one."""
    return [
        Size(
            sent=step.said + step.replies * repeated,
            replied=min(brief, most) if step.brief else most,
            messages=1 + 2 * step.replies,
        )
        for step in steps
    ]
