"""What a run will take and cost, before it is asked: from the least to the most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from pydantic import Field

from probe.ask.prices import Cost, Price, cost_of, price_now
from probe.ask.strategies.base import Step, Strategy
from probe.models.base import LanguageModel, Request
from probe.models.cache import Cached
from probe.models.usage import Tokens
from probe.records.record import Record
from probe.tier.folder import LoadedTier

_LEAST_REPLY = 100
"""Tokens: a program that imports numpy and writes a file of one tone has about as many."""

TYPICAL_REPLY = 1100
"""Tokens: the mean of 36 recorded programs for short sounds was 3,400 characters, and code has
about 3.2 characters a token. Models that reason write several times as much."""

_BRIEF_REPLY = 200
"""Tokens: a plan of three events has about as many, a judgement a tenth."""

_PER_REQUEST = 64
"""Tokens that a service may add around a message, at most; about a dozen are usual."""


class Range(Record):
    """A number that is not known yet."""

    low: Decimal
    expected: Decimal
    high: Decimal


class Estimate(Record):
    """What is still to be asked will take this much."""

    replies: int = Field(description="as expected")
    fewest: int = Field(description="replies, at least")
    most: int = Field(description="replies, at most")
    input_tokens: Range
    output_tokens: Range
    dollars: Range | None = Field(description="None: the price is unknown")
    typical_of: int = Field(description="replies of this run that the expectation rests on, or 0")


class Size(NamedTuple):
    """How much a request sends and may get back."""

    sent: int
    """Bytes of UTF-8, of every message of it."""
    replied: int
    """Tokens of its reply, at most."""
    messages: int = 1

    @classmethod
    def of(cls, request: Request) -> Size:
        """The size of a request."""
        turns = request.turns
        sent = sum(len(turn.text.encode()) for turn in turns)
        return cls(sent, request.max_tokens, len(turns))


def most_tokens(request: Request, system: str = "") -> Tokens:
    """The most that one answer to a request can take.

    No tokenizer in use makes more tokens of a text than it has bytes of UTF-8, and no reply is
    longer than it may be.
    """
    return _most(Size.of(request), len(system.encode()))


def _most(size: Size, system: int) -> Tokens:
    # Writing to a prompt cache is the dearest way to read, where it has a price of its own.
    taken = size.sent + size.messages * _PER_REQUEST + system
    return Tokens(input=taken, written=taken, output=size.replied)


def most_dollars(price: Price, most: Tokens) -> Decimal:
    """What `most_tokens` cost, written to a prompt cache or not: whichever is dearer."""
    return max(price.dollars(most), price.dollars(most.model_copy(update={"written": 0})))


def estimate(
    sizes: Iterable[Size],
    price: Price | None,
    *,
    system: str = "",
    so_far: Cost | None = None,
) -> Estimate:
    """What requests will take and cost, from the least to the most.

    The least is eight bytes a token and a reply of `_LEAST_REPLY` tokens; expected are four bytes a
    token and replies as long as the run's own so far, or else `TYPICAL_REPLY`; the most is
    `most_tokens`.

    Parameters
    ----------
    sizes : iterable of Size
        Of what is to be asked.
    price : Price or None
        What its tokens cost.
    system : str
        A system prompt that goes with every request.
    so_far : Cost, optional
        What the run took until now.
    """
    known = so_far.replies if so_far and so_far.replies >= 5 and not so_far.unmetered else 0
    typical = so_far.tokens.output // known if so_far and known else TYPICAL_REPLY
    low = expected = high = Tokens()
    count = 0
    always = len(system.encode())
    for size in sizes:
        count += 1
        sent, most = size.sent + always, size.replied
        low += Tokens(input=sent // 8, output=min(_LEAST_REPLY, most))
        expected += Tokens(input=sent // 4, output=min(typical, most))
        high += _most(size, always)
    least = low.model_copy(update={"cached": low.input})
    dollars = None
    if price is not None:
        cheap = min(price.dollars(least), price.dollars(low))
        dollars = _range(cheap, price.dollars(expected), most_dollars(price, high))
    return Estimate(
        replies=count,
        fewest=count,
        most=count,
        input_tokens=_range(low.input, expected.input, high.input),
        output_tokens=_range(low.output, expected.output, high.output),
        dollars=dollars,
        typical_of=known,
    )


def spread(low: Estimate, expected: Estimate, high: Estimate) -> Estimate:
    """One estimate of talks from three: of their fewest requests, as expected, and of the most."""

    def between(one: Range, two: Range, three: Range) -> Range:
        return Range(low=one.low, expected=two.expected, high=three.high)

    dollars = None
    if low.dollars and expected.dollars and high.dollars:
        dollars = between(low.dollars, expected.dollars, high.dollars)
    return Estimate(
        replies=expected.replies,
        fewest=low.replies,
        most=high.replies,
        input_tokens=between(low.input_tokens, expected.input_tokens, high.input_tokens),
        output_tokens=between(low.output_tokens, expected.output_tokens, high.output_tokens),
        dollars=dollars,
        typical_of=expected.typical_of,
    )


def _range(low: Decimal | int, expected: Decimal | int, high: Decimal | int) -> Range:
    return Range(low=Decimal(low), expected=Decimal(expected), high=Decimal(high))


# --- talks ---------------------------------------------------------------------------------------


class Outline(NamedTuple):
    """What is still to be asked in one talk; the opening comes first where it is among it."""

    opening: Request | None
    """The first request; None where its reply is there."""
    fewest: Sequence[Size]
    expected: Sequence[Size]
    most: Sequence[Size]

    @classmethod
    def single(cls, request: Request) -> Outline:
        """A talk of one request."""
        size = (Size.of(request),)
        return cls(request, size, size, size)


def outline(strategy: Strategy, loaded: LoadedTier, first: Request, kept: int = 0) -> Outline:
    """What is still to be asked for one attempt.

    Only the opening is known. A later request may repeat replies that nobody knows yet: none of
    them counts for the least, usual ones at four bytes a token for the expected, and the longest at
    a byte a token for the most, as `estimate` reads them.

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


class Outlook(NamedTuple):
    """What is still to be asked, and at what price."""

    estimate: Estimate
    price: Price | None
    kept: int
    """Replies that are there already."""


def look_out(door: LanguageModel, talks: Iterable[Request | Outline], folder: Path) -> Outlook:
    """What these talks will take, at what price, and how many of their replies are kept already.

    A talk is one request, or an outline of several. Openings that are kept are not part of the
    estimate: they cost nothing. What follows on them may be kept too, or not.
    """
    fewest, expected, most = list[Size](), list[Size](), list[Size]()
    kept = 0
    for talk in talks:
        about = Outline.single(talk) if isinstance(talk, Request) else talk
        known = bool(isinstance(door, Cached) and about.opening and door.lookup(about.opening))
        kept += known
        fewest += () if known else about.fewest
        expected += about.expected[known:]
        most += about.most[known:]
    price = price_now(door)
    so_far = cost_of(folder) if (folder / "run.json").exists() else None
    system = str(door.settings().get("system", ""))
    three = (estimate(s, price, system=system, so_far=so_far) for s in (fewest, expected, most))
    return Outlook(spread(*three), price, kept)
